"""Airflow's processes are loaded once and become what they are told."""

import contextlib
import os
import sqlite3
import subprocess
import sys
import types
from importlib.metadata import version

import pytest

from dagproof.airflow_compat import components
from dagproof.airflow_compat.components import (
    answering_workers,
    check_installed,
    ignores_repetition,
    load_components,
    run_component,
)
from dagproof.model import UnavailableError

LOAD = """
import sys, threading
from dagproof.airflow_compat.components import load_components
load_components()
print("airflow.jobs.scheduler_job_runner" in sys.modules, threading.active_count())
"""


@pytest.mark.parametrize(
    "missing", ["apache-airflow-core", "apache-airflow-providers-celery", "redis"]
)
def test_package_that_is_missing_is_named_with_the_way_out(monkeypatch, missing):
    monkeypatch.setattr(components, "installed", lambda package: package != missing)
    with pytest.raises(UnavailableError, match=rf"`{missing}` is not installed.*\[cluster\]"):
        check_installed(redis=True)


@pytest.mark.parametrize(
    ("core", "heeds", "expected"),
    [
        ("3.3.2", True, True), ("3.2.0", True, True), ("3.1.9", True, True),
        ("3.1.8", True, False), ("3.0.6", True, False), ("3.3.2", False, False),
    ],
)  # fmt: skip
def test_message_that_comes_again_fails_no_task_with_new_airflow_and_provider(
    monkeypatch, tmp_path, core, heeds, expected
):
    file = tmp_path / components._EXECUTION
    file.parent.mkdir(parents=True)
    file.write_text("except TaskAlreadyRunningError:" if heeds else "raise")
    provider = types.SimpleNamespace(locate_file=tmp_path.joinpath)
    monkeypatch.setattr(components, "distribution", lambda _: provider)
    monkeypatch.setattr(components, "version", lambda _: core)
    assert ignores_repetition() is expected


def test_provider_that_is_installed_heeds_what_airflow_tells():
    """The file in which it does is where it is looked for."""
    core = tuple(map(int, version("apache-airflow-core").split(".")[:3]))
    assert ignores_repetition() is (core >= (3, 1, 9))


def test_redis_is_needed_for_redis_alone(monkeypatch):
    monkeypatch.setattr(components, "installed", lambda package: package != "redis")
    check_installed(redis=False)


def test_looking_for_packages_imports_none():
    code = (
        "import sys; from dagproof.airflow_compat.components import *\n"
        "print(installed('pip-that-is-not'), installed('apache-airflow-core'),"
        " 'airflow' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False True False\n"


def test_all_of_airflow_is_loaded_without_a_thread(tmp_path):
    env = {
        **os.environ,
        "AIRFLOW_HOME": str(tmp_path),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path}/a.db",
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", LOAD],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "True 1"
    assert (tmp_path / "airflow.cfg").exists()


def test_airflow_that_does_not_load_is_one_sentence(monkeypatch):
    monkeypatch.setattr(components, "_NEEDED", ("dagproof.nothing_of_that_name",))
    with pytest.raises(UnavailableError, match="Airflow does not load: ModuleNotFoundError"):
        load_components()


def test_thread_that_a_fork_would_lose_is_named(monkeypatch):
    conf = types.ModuleType("airflow.configuration")
    conf.write_default_airflow_configuration_if_needed = lambda: None
    monkeypatch.setitem(sys.modules, "airflow.configuration", conf)
    monkeypatch.setattr(components, "_NEEDED", ())
    monkeypatch.setattr(components, "_LOADED", ("dagproof.nothing_of_that_name",))
    threads = [types.SimpleNamespace(name="MainThread"), types.SimpleNamespace(name="poller")]
    monkeypatch.setattr(components.threading, "active_count", lambda: len(threads))
    monkeypatch.setattr(components.threading, "enumerate", lambda: threads)
    with pytest.raises(UnavailableError, match="threads while it was loaded: MainThread, poller"):
        load_components()


@pytest.fixture
def airflow(monkeypatch):
    """Put a command line of Airflow and signals of Celery in place of theirs."""
    entry, signals = types.ModuleType("airflow.__main__"), types.ModuleType("celery.signals")
    seen, connected = [], []
    entry.main = lambda: seen.append(list(sys.argv))
    signals.worker_ready = types.SimpleNamespace(connect=lambda tell, weak: connected.append(tell))
    monkeypatch.setitem(sys.modules, "airflow.__main__", entry)
    monkeypatch.setitem(sys.modules, "celery.signals", signals)
    monkeypatch.setattr(sys, "argv", ["pytest"])
    return seen, connected


def test_component_gets_its_arguments(airflow):
    seen, connected = airflow
    run_component(("scheduler", "-s"), pytest.fail)
    assert (seen, connected) == ([["airflow", "scheduler", "-s"]], [])


def test_worker_tells_when_celery_says_that_it_is_ready(airflow):
    seen, connected = airflow
    told = []
    run_component(("celery", "worker"), lambda: told.append("ready"))
    assert (seen, told) == ([["airflow", "celery", "worker"]], [])
    connected[0](sender=None)
    assert told == ["ready"]


MAKE = """
import sys
from dagproof.airflow_compat.components import make_queue
make_queue(sys.argv[1])
make_queue(sys.argv[1])  # what is there already is no trouble
from kombu.transport.sqlalchemy import Channel
print(len(Channel._engines))
"""


def test_a_broker_in_a_database_has_its_queue_before_workers_begin(tmp_path):
    env = {**os.environ, "AIRFLOW_HOME": str(tmp_path), "AIRFLOW__OPERATORS__DEFAULT_QUEUE": "q"}
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", MAKE, f"sqla+sqlite:///{tmp_path}/broker.db"],
        env=env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.splitlines()[-1] == "0", "a fork inherits no connection"
    with contextlib.closing(sqlite3.connect(tmp_path / "broker.db")) as broker:
        assert broker.execute("SELECT name FROM kombu_queue").fetchall() == [("q",)]
        assert broker.execute("SELECT count(*) FROM kombu_message").fetchall() == [(0,)]


@pytest.mark.parametrize(
    ("airflow", "provider", "fits"),
    [
        ("3.0.6", "3.16.0", False),
        ("3.0.6", "3.15.2", True),
        ("3.1.8", "3.26.0", True),
        ("3.3.0rc1", "3.26.0", True),
    ],
)
def test_provider_that_takes_no_task_of_an_old_airflow_is_told(
    monkeypatch, airflow, provider, fits
):
    versions = {"apache-airflow-core": airflow, "apache-airflow-providers-celery": provider}
    monkeypatch.setattr(components, "version", lambda package: versions.get(package, "8.1.0"))
    expected = (
        rf"Airflow {airflow} hands no task .* {provider}\. Install .*<3\.16`, or Airflow 3\.1"
    )
    with contextlib.nullcontext() if fits else pytest.raises(UnavailableError, match=expected):
        check_installed(redis=True)


class FakeCelery:
    """An application of Celery that asks workers, of which some answer."""

    answers: object = ()

    def __init__(self, **options):
        self.options, self.closed, self.conf = options, False, {}
        self.control = types.SimpleNamespace(ping=self.ping)
        FakeCelery.last = self

    def ping(self, **asked):
        self.asked = asked
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers

    def close(self):
        self.closed = True


@pytest.fixture
def celery(monkeypatch):
    module = types.ModuleType("celery")
    module.Celery = FakeCelery
    monkeypatch.setitem(sys.modules, "celery", module)

    def ask(answers):
        monkeypatch.setattr(FakeCelery, "answers", answers)
        return answering_workers("redis+socket:///s", ["worker-1", "worker-2"], 2.0)

    return ask


def test_workers_that_answer_are_told_by_their_names(celery):
    stranger = {"celery@worker-9": {"ok": "pong"}}
    assert celery([{"celery@worker-2": {"ok": "pong"}}, stranger]) == {"worker-2"}
    asked = {"destination": ["celery@worker-1", "celery@worker-2"], "timeout": 2.0}
    assert FakeCelery.last.asked == asked
    assert FakeCelery.last.conf["broker_transport_options"]["socket_timeout"] == 2.0
    assert FakeCelery.last.closed


def test_no_worker_answers_where_the_broker_fails(celery):
    assert celery(OSError("gone")) == set()
    assert FakeCelery.last.closed
