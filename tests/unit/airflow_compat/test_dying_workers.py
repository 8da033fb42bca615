"""The first success of each instance with a retry left is lost, and no other."""

import sys
from types import SimpleNamespace

import pytest

from dagproof.airflow_compat.dying_workers import DyingWorkers
from dagproof.model import Attempt


@pytest.fixture
def runner(monkeypatch):
    runner = SimpleNamespace(
        _handle_current_task_success=lambda context, ti: ("SucceedTask", "success"),
        RetryTask=lambda end_date: ("RetryTask", end_date),
        TaskInstanceState=SimpleNamespace(UP_FOR_RETRY="up_for_retry"),
    )
    package = SimpleNamespace(task_runner=runner)
    for name in ("airflow", "airflow.sdk"):
        monkeypatch.setitem(sys.modules, name, SimpleNamespace())
    monkeypatch.setitem(sys.modules, "airflow.sdk.execution_time", package)
    return runner


def attempt(runner, workers, task_id="load", map_index=-1, retries=True):
    """Carry out one attempt as the task runner does; return the state."""
    known = None if retries is None else SimpleNamespace(should_retry=retries)
    ti = SimpleNamespace(_ti_context_from_server=known)
    with workers(Attempt(task_id, map_index, 1)):
        message, state = runner._handle_current_task_success({}, ti)
    if state == "up_for_retry":
        assert message == ("RetryTask", ti.end_date)
    return state


def test_each_instance_is_lost_once(runner):
    workers = DyingWorkers()
    states = [attempt(runner, workers, map_index=index) for index in (0, 1, 0, 1, 0)]
    assert states == ["up_for_retry", "up_for_retry", "success", "success", "success"]
    assert workers.died == {("load", 0), ("load", 1)}


@pytest.mark.parametrize("retries", [False, None])
def test_where_no_try_is_left_nothing_is_lost(runner, retries):
    workers = DyingWorkers()
    assert attempt(runner, workers, retries=retries) == "success"
    assert workers.died == set()


def test_those_that_are_spared_are_never_lost(runner):
    workers = DyingWorkers({"load": 1})
    assert attempt(runner, workers) == "success"
    assert attempt(runner, workers, "other") == "up_for_retry"


def test_the_task_runner_is_as_before_between_attempts(runner):
    before = runner._handle_current_task_success
    attempt(runner, DyingWorkers())
    assert runner._handle_current_task_success is before
