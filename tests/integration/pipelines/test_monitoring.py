"""`model_monitoring_pipeline` from end to end: with drift, without it, and without a model."""

from fixtures.iris_family import make_versions, measured, stored

from dagproof.testing import assert_tracked
from iris.data import FEATURES

DAG = "model_monitoring_pipeline"


def test_drift_triggers_one_retraining_which_makes_it_go_away(run_dag, mlflow_client, tmp_path):
    unmoved = stored(measured(seed=1), tmp_path, "unmoved.parquet")
    moved = stored(measured(seed=2, shift=1.0), tmp_path, "moved.parquet")
    assert run_dag("ml_training_pipeline", {"source": unmoved, "n_estimators": 10}).succeeded

    quiet = run_dag(DAG, {"current": stored(measured(seed=3), tmp_path, "quiet.parquet")})
    assert quiet.state == "success", quiet.failures
    assert quiet.task("retrain").state == "skipped"
    assert quiet.xcom("send_notification")["drifted"] == []
    assert quiet.triggered == ()

    alarmed = run_dag(DAG, {"current": moved})
    assert alarmed.state == "success", alarmed.failures
    assert set(alarmed.xcom("send_notification")["drifted"]) == set(FEATURES)
    [retraining] = alarmed.triggered
    assert retraining.dag_id == "ml_training_pipeline"
    assert retraining.run_id.startswith("drift__v1__")
    metrics = {"share_drifted": (1, 1), **dict.fromkeys(_metrics(), ...)}
    assert_tracked(alarmed, mlflow_client, "measure_drift", metrics=metrics)
    assert [leak for task in alarmed.tasks for leak in task.leaks] == []

    second = run_dag(DAG, {"current": moved})
    assert second.task("retrain").state == "skipped", "the run is there already"
    assert second.triggered == ()
    assert second.task("send_notification").state == "success"

    assert run_dag(retraining.dag_id, {**retraining.conf, "n_estimators": 10}).succeeded
    assert mlflow_client.get_model_version_by_alias("iris-classifier", "champion").version == "2"
    after = run_dag(DAG, {"current": moved})
    assert (after.triggered, after.xcom("send_notification")["drifted"]) == ((), [])


def test_without_a_champion_there_is_nothing_to_watch(run_dag):
    outcome = run_dag(DAG, {"current": "sklearn"})
    assert outcome.state == "success"
    assert {task.state for task in outcome.tasks} == {"skipped"}
    assert outcome.triggered == ()


def test_registry_out_of_reach_fails_and_triggers_nothing(run_dag):
    outcome = run_dag(DAG, env={"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"})
    assert {task.task_id for task in outcome.failures} == {"collect_data"}
    assert "MLflow at http://127.0.0.1:9 does not answer" in outcome.failures[0].error.message
    assert outcome.triggered == ()


def _metrics():
    names = [name.removesuffix(" (cm)") for name in FEATURES]
    return [f"{kind}/{name}" for kind in ("p_value", "effect") for name in names]


def test_monitoring_that_finds_drift_can_be_run_again(check_repeatable, tmp_path):
    moved = stored(measured(seed=2, shift=1.0), tmp_path)
    repetition = check_repeatable(DAG, {"current": moved}, prepare=lambda: make_versions((5, 5)))
    assert repetition.differences == ()
    states = [run.task("retrain").state for run in repetition.runs]
    assert states[:2] == ["success", "skipped"], "one retraining for the same drift"
    assert [run.state for run in repetition.runs] == ["success"] * 3
