"""`model_promotion_pipeline`, and the test before it, leave the same however often they are run."""

import pytest
from fixtures.iris_family import make_versions


@pytest.fixture
def staged(mlflow_client):
    """Make two versions, of which the first is in production and the second is staged."""

    def prepare():
        make_versions()
        mlflow_client.set_registered_model_alias("iris-classifier", "production", "1")
        mlflow_client.set_registered_model_alias("iris-classifier", "staging", "2")

    return prepare


def test_a_promotion_can_be_run_again(check_repeatable, staged):
    repetition = check_repeatable("model_promotion_pipeline", {"table": "sklearn"}, prepare=staged)
    assert repetition.differences == ()
    assert {task.state for run in repetition.runs for task in run.tasks} == {"success"}


def test_a_comparison_can_be_run_again(check_repeatable, staged):
    conf = {"table": "sklearn", "champion": "1", "challenger": "2"}
    repetition = check_repeatable("ab_test_pipeline", conf, prepare=staged)
    assert repetition.differences == ()
    assert {task.state for run in repetition.runs for task in run.tasks} == {"success"}
