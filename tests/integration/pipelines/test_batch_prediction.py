"""`batch_prediction_pipeline` from end to end."""

from fixtures.iris_family import make_versions, measured, stored

from iris.data import FEATURES, read_table

DAG = "batch_prediction_pipeline"


def test_champion_predicts_every_row_and_a_later_schema_stores_nothing(run_dag, tmp_path):
    june = stored(measured(60, seed=1).drop(columns="target"), tmp_path, "june.parquet")
    early = run_dag(DAG, {"batch": june})
    assert early.state == "success"
    assert early.task("predict_batch").state == "skipped", "no champion yet"

    make_versions((5, 5))
    outcome = run_dag(DAG, {"batch": june})
    assert outcome.state == "success", outcome.failures
    told = outcome.xcom("predict_batch")
    kept = read_table(told["predictions"])
    assert (len(kept), set(kept["model_version"])) == (60, {"1"})
    assert [leak for task in outcome.tasks for leak in task.leaks] == []

    july = stored(measured(60, seed=2).drop(columns=FEATURES[2]), tmp_path, "july.parquet")
    refused = run_dag(DAG, {"batch": july})
    assert {task.task_id for task in refused.failures} == {"predict_batch"}
    assert refused.task("predict_batch").tries == 1, "another try cannot help"
    assert "lacks `petal length (cm)`" in refused.task("predict_batch").error.message

    empty = run_dag(DAG, {"batch": stored(measured(9).head(0), tmp_path, "empty.parquet")})
    assert empty.state == "success"
    assert empty.task("load_batch").state == "skipped"


def test_registry_out_of_reach_fails_with_its_address(run_dag):
    outcome = run_dag(DAG, {"batch": "sklearn"}, env={"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"})
    assert {task.task_id for task in outcome.failures} == {"resolve_champion"}
    assert "MLflow at http://127.0.0.1:9 does not answer" in outcome.failures[0].error.message


def test_predictions_can_be_made_again(check_repeatable):
    repetition = check_repeatable(DAG, {"batch": "sklearn"}, prepare=lambda: make_versions((5, 5)))
    assert repetition.differences == ()
    assert [run.state for run in repetition.runs] == ["success"] * 3
