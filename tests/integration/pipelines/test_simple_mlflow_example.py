"""`simple_mlflow_example` from end to end."""

from dagproof.testing import assert_one_run_per_task_instance, assert_tracked

DAG = "simple_mlflow_example"


def test_one_run_says_what_was_processed(run_dag, mlflow_client):
    outcome = run_dag(DAG, {"rows": 12})

    assert outcome.state == "success", outcome.failures
    assert_one_run_per_task_instance(outcome, mlflow_client, only=["log_to_mlflow"])
    run = assert_tracked(
        outcome,
        mlflow_client,
        "log_to_mlflow",
        params={"dag_id": DAG, "run_id": outcome.run_id, "rows": 12},
        metrics={"rows_processed": (12, 12)},
        tags={"environment": "dev", "source": "airflow"},
    )
    assert run.info.run_name == f"run_{outcome.run_id}"


def test_mlflow_that_is_away_is_told_by_the_check(run_dag):
    outcome = run_dag(DAG, env={"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"})

    assert [task.task_id for task in outcome.failures] == ["check_mlflow"]
    assert "MLflow at http://127.0.0.1:9 does not answer (" in outcome.failures[0].error.message
    assert outcome.task("log_to_mlflow").state == "upstream_failed"
