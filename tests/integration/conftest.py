"""The services behind the tests: each test that needs some is run on every kind there is here."""

import os
from collections import defaultdict
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
LONG = ("test_promises", "test_repeating")
"""Files of tests that take minutes, and of which one kind of services is enough for most days."""
EVERYWHERE = ("test_taxi.py", "test_iris.py", "test_repeatable.py")
"""Of the pipelines, those that stand for all on every kind of services."""
LONG_ON = CHOSEN if os.environ.get("DAGPROOF_TEST_LONG") == "everywhere" else CHOSEN[:1]


def pytest_report_header():
    return (
        f"{HEADER}; promises under fault, repetition, and further pipelines: {', '.join(LONG_ON)}"
    )


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
    """Note each test's kind of services, and run what takes minutes on one kind alone."""
    elsewhere = set()
    for item in items:
        parameters = item.callspec.params if hasattr(item, "callspec") else {}
        for name in PARAMETERS & parameters.keys():
            item.user_properties.append(("services", parameters[name]))
            if _is_long(item.path) and parameters[name] not in LONG_ON:
                elsewhere.add(item)
    if elsewhere:
        config.hook.pytest_deselected(items=list(elsewhere))
        items[:] = [item for item in items if item not in elsewhere]


def _is_long(path):
    of_pipeline = path.parent.name == "pipelines" and path.name not in EVERYWHERE
    return of_pipeline or path.name.startswith(LONG)


def pytest_runtest_logreport(report):
    backend = dict(report.user_properties).get("services")
    if backend:
        _seconds[backend][report.nodeid] += report.duration


def pytest_terminal_summary(terminalreporter):
    """Say how long the tests took on each kind of services."""
    for backend, tests in _seconds.items():
        line = f"{len(tests)} tests on {backend}: {sum(tests.values()):.1f} s"
        terminalreporter.write_line(line)
