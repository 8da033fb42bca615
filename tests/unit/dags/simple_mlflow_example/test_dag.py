"""`simple_mlflow_example` checks MLflow, then logs one run."""

from unittest import mock

import pytest

from dagproof.testing import RefusedConfError, accepted_params, render_task, xcom_round_trip
from mlops import task_context
from mlops.mlflow_session import TrackingError
from mlops.task_context import TaskIdentity
from simple_mlflow_example import steps

DAG = "simple_mlflow_example"


@pytest.fixture
def task(monkeypatch):
    identity = TaskIdentity(DAG, "manual__1", "log_to_mlflow", -1, 1)
    monkeypatch.setattr(task_context, "current", lambda: identity)


def runs(server):
    experiment = server.get_experiment_by_name("simple_experiment")
    return server.search_runs([experiment.experiment_id])


def test_two_tasks_have_owner_retries_and_a_failure_notifier():
    from simple_mlflow_example.dag import simple_mlflow_example

    dag = simple_mlflow_example()
    assert [task.task_id for task in dag.topological_sort()] == ["check_mlflow", "log_to_mlflow"]
    for task in dag.tasks:
        assert task.owner == "ml-platform"
        assert task.retries == 2
        assert task.on_failure_callback
    assert dag.catchup is False
    assert dag.doc_md


@pytest.mark.parametrize(("conf", "rows"), [({}, 1000), ({"rows": 0}, 0), ({"rows": 1e3}, 1000)])
def test_rows_arrive_as_a_number(conf, rows):
    task = render_task(DAG, "log_to_mlflow", conf)
    with mock.patch("simple_mlflow_example.steps.log_to_mlflow") as called:
        task.task.python_callable(*task["op_args"], **task["op_kwargs"])
    assert called.call_args.args == (rows,)


@pytest.mark.parametrize("rows", [-1, 10_000_001, "1", 1.5, None, True])
def test_rows_that_are_none_are_refused(rows):
    with pytest.raises(RefusedConfError) as refused:
        accepted_params(DAG, {"rows": rows})
    assert refused.value.param == "rows"


def test_run_says_what_was_processed_and_where(server, task):
    told = steps.log_to_mlflow(12)
    [run] = runs(server)
    assert told == {"rows_processed": 12, "mlflow_run_id": run.info.run_id}
    assert run.info.run_name == "run_manual__1"
    assert run.data.params == {"dag_id": DAG, "run_id": "manual__1", "rows": "12"}
    assert run.data.metrics == {"rows_processed": 12.0}
    assert run.data.tags["environment"] == "dev"
    assert run.data.tags["source"] == "airflow"
    assert xcom_round_trip(told).losses == ()


def test_second_try_takes_up_the_run(server, task):
    assert steps.log_to_mlflow(1) == steps.log_to_mlflow(1)
    assert len(runs(server)) == 1


def test_by_hand_it_is_a_run_too(server):
    steps.log_to_mlflow(1)
    assert runs(server)[0].info.run_name == "run_by_hand"


def test_mlflow_that_is_away_is_one_sentence():
    with pytest.raises(TrackingError, match=r"MLflow at http://127\.0\.0\.1:9 does not answer"):
        steps.log_to_mlflow(1)
