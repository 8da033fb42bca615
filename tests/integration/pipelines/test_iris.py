"""`ml_training_pipeline` from end to end."""

import mlflow
import numpy as np
import pytest

from dagproof.model import UsageError
from dagproof.testing import assert_one_run_per_task_instance, assert_tracked

DAG = "ml_training_pipeline"
STEPS = [
    "create_directories",
    "extract_data",
    "validate_data",
    "preprocess_data",
    "train_model",
    "evaluate_model",
    "deploy_model",
    "send_notification",
]


def test_eight_steps_deploy_a_champion_that_loads_and_predicts(run_dag, mlflow_client):
    outcome = run_dag(DAG)

    assert outcome.state == "success", outcome.failures
    assert [task.task_id for task in outcome.tasks] == STEPS
    assert_one_run_per_task_instance(outcome, mlflow_client, only=["train_model", "evaluate_model"])
    trained = assert_tracked(
        outcome,
        mlflow_client,
        "train_model",
        params={"algorithm": "RandomForestClassifier", "n_estimators": 100, "max_depth": 5},
        metrics={"train_accuracy": (0.9, 1)},
        tags={"dag_id": DAG},
        dataset={"name": "iris", "context": "training"},
        inputs=[
            "sepal length (cm)",
            "sepal width (cm)",
            "petal length (cm)",
            "petal width (cm)",
        ],
        outputs="int64[-1]",
        model="iris-classifier",
        version=1,
        alias="champion",
        loads=True,
    )
    assert_tracked(
        outcome,
        mlflow_client,
        "evaluate_model",
        params={"min_accuracy": 0.85},
        metrics={"accuracy": (0.85, 1), "macro_f1": ...},
        tags={"trained_by": trained.info.run_id},
        dataset={"name": "iris", "context": "evaluation"},
    )
    model = mlflow.pyfunc.load_model("models:/iris-classifier@champion")
    columns = model.metadata.signature.inputs.input_names()
    import pandas as pd

    setosa = pd.DataFrame([[5.1, 3.5, 1.4, 0.2]], columns=columns)
    assert np.asarray(model.predict(setosa)).tolist() == [0]


def test_no_task_leaks_state_into_the_next(run_dag):
    outcome = run_dag(DAG)
    assert [leak for task in outcome.tasks for leak in task.leaks] == []


def test_a_model_below_the_gate_is_not_deployed_and_the_champion_stays(run_dag, mlflow_client):
    run_dag(DAG)
    before = mlflow_client.get_model_version_by_alias("iris-classifier", "champion").version

    outcome = run_dag(DAG, {"n_estimators": 1, "max_depth": 1, "min_accuracy": 0.99})

    assert {task.task_id for task in outcome.failures} == {"evaluate_model"}
    assert outcome.task("evaluate_model").tries == 1, "another try cannot help"
    assert "0.99" in outcome.task("evaluate_model").error.message
    assert outcome.task("deploy_model").state == "upstream_failed"
    assert mlflow_client.get_model_version_by_alias("iris-classifier", "champion").version == before


def test_the_same_conf_twice_gives_the_same_metrics_and_one_champion(run_dag, mlflow_client):
    first, second = run_dag(DAG), run_dag(DAG)

    assert (first.state, second.state) == ("success", "success")
    accuracies = [outcome.xcom("send_notification")["accuracy"] for outcome in (first, second)]
    assert accuracies[0] == accuracies[1]
    model = mlflow_client.get_registered_model("iris-classifier")
    assert list(model.aliases) == ["champion"]


@pytest.mark.parametrize(
    ("conf", "param"), [({"test_size": 2}, "test_size"), ({"min_accuracy": "high"}, "min_accuracy")]
)
def test_conf_that_makes_no_sense_is_refused_before_any_task(run_dag, conf, param):
    with pytest.raises(UsageError, match=rf"refuses this conf: Invalid input for param {param}"):
        run_dag(DAG, conf)


def test_mlflow_down_fails_the_training_with_its_address(run_dag):
    outcome = run_dag(DAG, env={"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"})
    assert {task.task_id for task in outcome.failures} == {"train_model"}
    assert "MLflow at http://127.0.0.1:9 does not answer" in outcome.failures[0].error.message
