"""The services behind the tests: each test that needs some is run on every kind there is here."""

import os
from collections import defaultdict
from pathlib import Path
from unittest import mock

import pytest
from integration.external_urls import external_urls

BACKENDS = ("embedded", "external", "containers")


def _no_docker() -> str:
    """Return why containers cannot be had here; empty where they can."""
    from docker import from_env

    try:
        from_env().ping()
    except Exception as error:  # noqa: BLE001  whatever it is, there is no Docker
        return str(error)
    return ""


def _backends() -> tuple[tuple[str, ...], str]:
    """Return the kinds of services to test with, and what to say of them.

    `DAGPROOF_TEST_BACKENDS` names them, and then none is left out.
    """
    named = tuple(os.environ.get("DAGPROOF_TEST_BACKENDS", "").split())
    if named:
        return named, f"services: {', '.join(named)}"
    reason = _no_docker()
    if not reason:
        return BACKENDS, f"services: {', '.join(BACKENDS)}"
    return BACKENDS[:2], f"services: {', '.join(BACKENDS[:2])}; no containers, since {reason}"


CHOSEN, HEADER = _backends()
EVERYWHERE = (
    "faults/test_proxy.py",
    "faults/test_runs.py",
    "pipelines/test_iris.py",
    "pipelines/test_taxi.py",
    "repeating/test_snapshots.py",
    "services/",
)
"""Tests that one run repeats on every kind of services; the first kind is enough for the others."""
OTHERS_ON = CHOSEN if os.environ.get("DAGPROOF_TEST_LONG") == "everywhere" else CHOSEN[:1]


def pytest_report_header():
    repeated = ", ".join(EVERYWHERE)
    return f"{HEADER}; all of them for {repeated}; {', '.join(OTHERS_ON)} for the other tests"


@pytest.fixture(scope="session", params=CHOSEN)
def dagproof_services(request, tmp_path_factory):
    """What stands behind the services of this test."""
    if request.param != "external":
        yield request.param
        return
    with (
        external_urls(tmp_path_factory.mktemp("external")) as urls,
        mock.patch.dict(os.environ, urls),
    ):
        yield "external"


PARAMETERS = {"dagproof_services", "keeper"}
_seconds = defaultdict(lambda: defaultdict(float))


def pytest_collection_modifyitems(config, items):
    """Note each test's kind of services, and leave out where one kind stands for all."""
    elsewhere = set()
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        for name in PARAMETERS & parameters.keys():
            item.user_properties.append(("services", parameters[name]))
            if parameters[name] not in _kinds(item.path):
                elsewhere.add(item)
    if elsewhere:
        config.hook.pytest_deselected(items=list(elsewhere))
        items[:] = [item for item in items if item not in elsewhere]


def _kinds(path):
    """Return on which kinds of services the tests of a file are run."""
    inside = path.relative_to(Path(__file__).parent).as_posix()
    if inside.startswith("cluster/"):  # it brings services of its own, of this machine
        return ("embedded",)
    return CHOSEN if inside.startswith(EVERYWHERE) else OTHERS_ON


def pytest_runtest_logreport(report):
    backend = dict(report.user_properties).get("services")
    if backend:
        _seconds[backend][report.nodeid] += report.duration


def pytest_terminal_summary(terminalreporter):
    """Say how long the tests took on each kind of services."""
    for backend, tests in _seconds.items():
        line = f"{len(tests)} tests on {backend}: {sum(tests.values()):.1f} s"
        terminalreporter.write_line(line)
