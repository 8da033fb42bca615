"""Which MLflow runs belong to which task instance, as a real server shows it."""

import pytest

from dagproof.model import Attempt


@pytest.fixture
def names(mlflow_client):
    """Return the names of the runs with some ids."""
    return lambda ids: [mlflow_client.get_run(run_id).data.tags["mlflow.runName"] for run_id in ids]


def test_runs_belong_to_the_task_instance_that_began_them_by_whatever_client(run_tracking, names):
    outcome = run_tracking("begins", timeout=300)

    seen = {task.label: names(task.mlflow_runs) for task in outcome.tasks}
    assert len(seen.pop("autologs")) == 1
    assert seen == {
        "none": [],
        "one": ["one"],
        "two": ["first", "second"],
        "nested": ["parent"],
        "by_client": ["by client"],
        "in_subprocess": ["child process"],
        "deletes": ["regretted"],
        "each[0]": ["each 10"],
        "each[1]": ["each 20"],
        "each[2]": ["each 30"],
    }
    assert [task.open_mlflow_runs for task in outcome.tasks] == [()] * len(outcome.tasks)
    assert outcome.seen_runs.unseen == ()
    nested = [run for run in outcome.seen_runs.begun if run.attempt.task_id == "nested"]
    assert [bool(run.parent) for run in nested] == [False, True, True]


def test_a_run_that_a_retry_resumes_is_one(run_tracking, names):
    outcome = run_tracking("retried")

    assert len(outcome.task("resumes").mlflow_runs) == 1
    assert names(outcome.task("doubles").mlflow_runs) == ["doubled", "doubled"]
    tries = [
        run.attempt.try_number
        for run in outcome.seen_runs.begun
        if run.attempt.task_id == "doubles"
    ]
    assert tries == [1, 2]


def test_only_runs_that_nobody_ended_are_open(run_tracking, names):
    outcome = run_tracking("left_open")

    assert {task.task_id: names(task.mlflow_runs) for task in outcome.tasks} == {
        "forgets": ["forgotten"],
        "abandons": ["abandoned"],
        "hands_over": ["shared"],
        "takes_over": ["part"],
    }, "a run that is nested in another task's is the own one of the task that begins it"
    assert {task.task_id: names(task.open_mlflow_runs) for task in outcome.tasks} == {
        "forgets": [],
        "abandons": ["abandoned"],
        "hands_over": [],
        "takes_over": [],
    }
    [leak] = outcome.task("forgets").leaks
    assert outcome.task("forgets").mlflow_runs[0] in leak.detail


def test_a_run_of_the_dags_callback_is_nobodys(run_tracking, names):
    outcome = run_tracking("ownerless")

    [own, nobodys] = outcome.seen_runs.begun
    assert own.attempt == Attempt("works", -1, 1)
    assert nobodys.attempt is None
    assert names([nobodys.run_id]) == ["by the callback"]


def test_runs_of_an_earlier_run_of_the_dag_are_not_its_own(run_tracking, names):
    first, second = run_tracking("ownerless"), run_tracking("ownerless")

    assert len(second.seen_runs.begun) == 2
    assert not set(first.seen_runs.begun) & set(second.seen_runs.begun)


def test_mlflow_that_a_task_cannot_reach_is_asked_at_its_own_address(run_tracking, tmp_path):
    elsewhere = {"MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/elsewhere.db"}

    outcome = run_tracking("ownerless", env=elsewhere)

    assert outcome.seen_runs.begun == ()
    assert outcome.seen_runs.unseen == ()
