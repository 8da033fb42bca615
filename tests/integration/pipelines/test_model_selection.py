"""`ml_model_selection` from end to end."""

import pandas as pd
import pytest
from sklearn.datasets import load_breast_cancer

from dagproof.testing import assert_one_run_per_task_instance, assert_tracked

DAG, MODEL = "ml_model_selection", "model-selection"


@pytest.fixture
def table():
    """The bundled table."""
    return load_breast_cancer(as_frame=True).frame


def test_the_better_of_two_is_deployed_and_the_same_again_promotes_nothing(run_dag, mlflow_client):
    first, second = run_dag(DAG), run_dag(DAG)

    assert first.state == "success", first.failures
    assert_one_run_per_task_instance(first, mlflow_client, only=["train_model"])
    assert_tracked(
        first,
        mlflow_client,
        "train_model",
        map_index=0,
        params={"candidate": "logistic", "random_state": 42},
        metrics={"accuracy": (0.95, 1), "train_accuracy": (0.95, 1)},
        dataset={"name": "selection", "context": "training"},
        model=MODEL,
        version=1,
        alias="champion",
        loads=True,
    )
    assert_tracked(
        first,
        mlflow_client,
        "train_model",
        map_index=1,
        params={"candidate": "forest"},
        metrics={"accuracy": (0.9, 1)},
    )
    assert [leak for task in first.tasks for leak in task.leaks] == []
    told = [one.xcom("send_notification") for one in (first, second)]
    assert [one["promoted"] for one in told] == [True, False]
    assert told[0]["accuracies"] == told[1]["accuracies"]
    assert told[1]["champion_accuracy"] == max(told[0]["accuracies"].values())
    assert len(mlflow_client.search_model_versions(f"name = '{MODEL}'")) == 1


def test_a_training_that_is_tried_again_leaves_one_run(run_dag, mlflow_client, monkeypatch):
    import model_selection.candidates

    log, calls = model_selection.candidates._log, []

    def log_at_the_second_try(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise OSError("the network went away")
        return log(*arguments)

    monkeypatch.setattr(model_selection.candidates, "_log", log_at_the_second_try)
    outcome = run_dag(DAG)

    assert outcome.state == "success", outcome.failures
    assert sorted(outcome.task("train_model", index).tries for index in (0, 1)) == [1, 2]
    assert_one_run_per_task_instance(outcome, mlflow_client)


def test_data_that_cannot_be_learned_from_and_other_features_leave_the_champion(
    run_dag, mlflow_client, tmp_path, table
):
    run_dag(DAG)
    broken, fewer = tmp_path / "broken.csv", tmp_path / "fewer.csv"
    pd.concat([table, table.head(1).assign(target=None)]).to_csv(broken, index=False)
    table.drop(columns="mean area").to_csv(fewer, index=False)

    refused = run_dag(DAG, {"source": broken.as_uri()})
    other = run_dag(DAG, {"source": fewer.as_uri()})

    assert {task.task_id for task in refused.failures} == {"validate_data"}
    assert refused.task("validate_data").tries == 1, "another try cannot help"
    assert "has 1 missing values in `target`" in refused.failures[0].error.message
    assert {task.task_id for task in other.failures} == {"compare_models"}
    assert "they differ in `mean area`" in other.failures[0].error.message
    assert mlflow_client.get_model_version_by_alias(MODEL, "champion").version == "1"
    assert len(mlflow_client.search_model_versions(f"name = '{MODEL}'")) == 1


def test_mlflow_down_fails_the_training_with_its_address(run_dag):
    outcome = run_dag(DAG, env={"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"})

    assert {task.task_id for task in outcome.failures} == {"train_model"}
    assert "MLflow at http://127.0.0.1:9 does not answer" in outcome.failures[0].error.message
