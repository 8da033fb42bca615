"""A DAG that triggers another one of the repository: its run begins, and is not carried out."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dagproof.model import TriggeredRun
from dagproof.runner import RunOptions

DAGS = Path(__file__).parents[2] / "fixtures" / "repos" / "triggering" / "dags"


@pytest.fixture
def session(_dagproof_session):
    """A session in a repository that holds DAGs that trigger, and the one that they trigger."""
    return replace(_dagproof_session, settings=replace(_dagproof_session.settings, dags=(DAGS,)))


@pytest.fixture
def monitor(session):
    """Run the DAG that triggers."""
    return lambda conf: session.run("monitor", RunOptions(conf=conf))


def test_run_that_is_triggered_begins_once_and_is_told_with_its_conf(monitor):
    outcome = monitor({"rows": 7})

    assert outcome.state == "success", outcome.failures
    assert outcome.triggered == (TriggeredRun("train", "drift__1", {"rows": "7"}),)
    assert outcome.task("first").state == "success"
    assert outcome.task("again").state == "skipped", "the run is there already"


def test_run_that_is_there_from_an_earlier_run_is_not_told_again(monitor):
    monitor({})
    outcome = monitor({})

    assert outcome.triggered == ()
    assert {task.state for task in outcome.tasks} == {"skipped"}


def test_conf_that_the_other_dag_refuses_fails_the_task_that_gives_it(monitor):
    outcome = monitor({"rows": "many"})

    assert outcome.task("first").state == "failed"
    assert outcome.triggered == (TriggeredRun("train", "drift__1", {"rows": "4"}),)


def test_task_that_would_wait_for_the_run_fails_at_once_and_says_how_to_go_on(session):
    outcome = session.run("patient", RunOptions(timeout=30))

    task = outcome.task("retrain")
    assert (task.state, task.tries) == ("failed", 1), "waiting again would not help"
    assert "run of `train`" in task.error.message
    assert "--stub retrain=null" in task.error.message


def test_task_that_would_wait_succeeds_with_the_result_that_is_given(session):
    outcome = session.run("patient", RunOptions(stubs={"retrain": None}, timeout=30))

    assert outcome.state == "success"


def test_sensor_of_a_dag_that_nobody_runs_fails_at_once_and_says_how_to_go_on(session):
    outcome = session.run("nightly", RunOptions(timeout=30))

    assert {task.task_id: task.state for task in outcome.tasks} == {
        "worker": "failed",
        "trigger": "failed",
        "soft": "skipped",
    }
    assert "soft_fail" in outcome.task("soft").reason
    for name in ("worker", "trigger"):
        message = outcome.task(name).error.message
        assert "`monitor` (`ExternalTaskSensor`)" in message
        assert f"--stub {name}=null" in message


def test_sensor_finds_a_run_of_the_same_date_that_was_there_before(session):
    day = datetime(2024, 3, 1, tzinfo=UTC)
    session.run("monitor", RunOptions(conf={"rows": 1}, logical_date=day))
    outcome = session.run("nightly", RunOptions(logical_date=day, timeout=30))

    assert outcome.state == "success", outcome.failures
