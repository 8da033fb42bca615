"""Runs among faults: the environment leads to them, and what they do to Airflow is the outcome."""

import contextlib
import os
from types import SimpleNamespace

import pytest

from dagproof.model import (
    DagOutcome,
    Fault,
    FaultRecord,
    TaskOutcome,
    UnavailableError,
    UsageError,
)
from dagproof.runner import RunOptions, check_faults, faulted, in_force, run_dag_among

DAG = SimpleNamespace(dag_id="taxi", fileloc="/dags/taxi.py", task_ids=["load", "train"])


class _Board:
    def __init__(self, *begun):
        self.environment = {"A_TEST": "by way of a fault"}
        self.begun = set(begun)
        self.calls = []

    def begin_run(self):
        self.calls.append(f"begin in {os.environ['A_TEST']}")

    def attempt(self, attempt):
        return contextlib.nullcontext()

    def has_begun(self, service):
        return service in self.begun

    def records(self, start):
        assert start > 0
        return (FaultRecord("mlflow:500"),)


@pytest.fixture
def calls(monkeypatch):
    made = []
    monkeypatch.setenv("A_TEST", "direct")
    monkeypatch.setattr(
        faulted.database,
        "use_configured_database",
        lambda: made.append(f"database of {os.environ['A_TEST']}"),
    )
    return made


def test_process_is_led_to_faults_and_back_with_its_metadata_database(calls):
    board = _Board()
    board.calls = calls
    with in_force(board):
        calls.append("run")
    way = "by way of a fault"
    assert calls == [f"database of {way}", f"begin in {way}", "run", "database of direct"]


def test_process_is_led_back_when_the_run_is_interrupted(calls):
    with pytest.raises(KeyboardInterrupt), in_force(_Board()):
        raise KeyboardInterrupt
    assert calls[-1] == "database of direct"


def test_fault_with_a_task_that_the_dag_has_not_is_refused():
    check_faults(DAG, [Fault("s3", "500"), Fault("s3", "500", "load")])
    with pytest.raises(UsageError) as caught:
        check_faults(DAG, [Fault("s3", "500", "lode")])
    assert str(caught.value) == (
        "DAG `taxi` has no task `lode` for the fault `s3:500@lode` to begin with. "
        "Its tasks: `load`, `train`."
    )


def ran(monkeypatch, board, run_dag, **options):
    monkeypatch.setattr(faulted, "run_dag", run_dag)
    return run_dag_among(board, DAG, (), RunOptions(**options))


def test_outcome_tells_of_the_faults(monkeypatch):
    outcome = DagOutcome("taxi", "run", "success", (), 1.0)
    told = ran(monkeypatch, _Board(), lambda *_: outcome)
    assert told.faults == (FaultRecord("mlflow:500"),)
    assert told.state == "success"


def test_faults_are_switched_innermost_around_each_attempt(monkeypatch):
    board, other, seen = _Board(), object(), []

    def run_dag(dag, roots, options):
        seen.extend(options.companions)
        return DagOutcome("taxi", "run", "success", (), 1.0)

    ran(monkeypatch, board, run_dag, companions=(other,))
    assert seen == [other, board.attempt]


def breaking(error):
    def run_dag(dag, roots, options):
        options.on_task(TaskOutcome("load", -1, "success", 1, 0.1))
        raise error

    return run_dag


def test_run_that_ends_with_its_database_is_a_failed_run_with_the_tasks_so_far(monkeypatch):
    live = []
    told = ran(monkeypatch, _Board("postgres"), breaking(OSError("refused")), on_task=live.append)
    assert told.state == "failed"
    assert told.path == "/dags/taxi.py"
    assert [task.task_id for task in told.tasks] == ["load"]
    assert list(told.tasks) == live
    sentence = "Airflow could not go on without its metadata database, which a fault is on."
    assert told.error.type == "OSError"
    assert told.error.message == f"{sentence} refused"
    assert told.error.traceback.startswith(f"{sentence}\nTraceback")
    assert told.faults == (FaultRecord("mlflow:500"),)


@pytest.mark.parametrize(
    ("begun", "error"),
    [
        ({"mlflow"}, OSError("a defect")),
        ({"postgres"}, UnavailableError("the proxy has died")),
        ({"postgres"}, KeyboardInterrupt()),
    ],
)
def test_what_the_database_has_nothing_to_do_with_is_raised(monkeypatch, begun, error):
    with pytest.raises(type(error)) as caught:
        ran(monkeypatch, _Board(*begun), breaking(error))
    assert caught.value is error
