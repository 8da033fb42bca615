"""The DAG is wired as the steps need it, and its Params refuse what no step could use."""

import pytest


@pytest.fixture(scope="module")
def dag():
    from iris.dag import ml_training_pipeline

    return ml_training_pipeline()


def test_eight_tasks_run_in_this_order(dag):
    assert [task.task_id for task in dag.topological_sort()] == [
        "create_directories",
        "extract_data",
        "validate_data",
        "preprocess_data",
        "train_model",
        "evaluate_model",
        "deploy_model",
        "send_notification",
    ]


def test_every_task_has_owner_retries_and_a_failure_notifier(dag):
    for task in dag.tasks:
        assert task.owner == "ml-team"
        assert task.retries == 2
        assert task.retry_delay.total_seconds() == 300
        assert task.on_failure_callback


def test_dag_runs_each_night_without_catching_up(dag):
    assert dag.schedule == "0 2 * * *"
    assert dag.catchup is False
    assert dag.doc_md
    assert dag.description


def test_defaults_fulfil_their_own_schemas(dag):
    assert dag.params.validate()["min_accuracy"] == 0.85


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("test_size", 2),
        ("test_size", 0),
        ("min_accuracy", "high"),
        ("min_accuracy", 1.01),
        ("n_estimators", 0),
        ("n_estimators", 1.5),
        ("max_depth", None),
        ("random_state", -1),
        ("source", "/etc/passwd"),
    ],
)
def test_params_refuse_what_no_step_could_use(dag, name, value):
    from airflow.sdk import Param

    declared = dag.params.get_param(name)
    given = Param(value, description=declared.description, **declared.schema)
    with pytest.raises(Exception, match=r"Invalid input|is not|is less|is greater|does not match"):
        given.resolve()
    assert declared.resolve() == declared.value
