"""`dagproof run --twice`: each DAG among services of its own."""

import contextlib
from pathlib import Path
from types import SimpleNamespace

import pytest

from dagproof.app import RunRequest
from dagproof.config import ConfiguredRun, Settings
from dagproof.model import DagOutcome, Repetition
from dagproof.repeating import composition
from dagproof.runner import RunOptions


@pytest.fixture
def asked(monkeypatch):
    asked = SimpleNamespace(log=[], opened=[])

    @contextlib.contextmanager
    def open_session(settings, **options):
        asked.opened.append(options)
        yield SimpleNamespace(reset=lambda: asked.log.append("reset"))

    def repeat(session, dag, options, env, on_run):
        on_run("first run")
        asked.log.append((dag, options.conf, env))
        run = DagOutcome(dag, "r", "success", (), 1.0, label="first run")
        return Repetition(dag, (run, run), notes=("a note",))

    monkeypatch.setattr(composition, "open_session", open_session)
    monkeypatch.setattr(composition, "repeat", repeat)
    return asked


def test_each_dag_begins_in_clean_services_that_nobody_keeps(asked):
    settings = Settings(Path(), (), runs=(ConfiguredRun("a", {"x": 1}), ConfiguredRun("b")))
    told = []
    request = RunRequest(options=RunOptions(), env={"E": "1"}, backend="containers", verbose=True)
    report = composition.run_twice(settings, request, on_dag=told.append)

    assert asked.log == [("a", {"x": 1}, {"E": "1"}), "reset", ("b", {}, {"E": "1"})]
    [opened] = asked.opened
    assert (opened["fresh"], opened["backend"], opened["verbose"]) == (True, "containers", True)
    assert told == ["a: first run", "b: first run"]
    assert [run.dag_id for run in report.runs] == ["a", "a", "b", "b"]
    assert [one.dag_id for one in report.repetitions] == ["a", "b"]
    assert report.notes == ("a note",)
    assert report.seconds >= report.timings["runs"]
