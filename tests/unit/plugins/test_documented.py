"""What docs/plugins.md shows is a DAG that Airflow reads."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
BLOCKS = re.findall(
    r"^```python\n(.*?)^```", (ROOT / "docs" / "plugins.md").read_text(), re.DOTALL | re.MULTILINE
)


@pytest.fixture
def documented():
    """What the first block defines, with the step that it leaves to the reader."""
    names = {"train_model": lambda: {"model_uri": "models:/m-1", "rmse": 1.0}}
    exec(compile(BLOCKS[0], "docs/plugins.md", "exec"), names)  # noqa: S102 - our own page
    return names["serve"]()


def test_page_shows_a_dag_of_operators_and_sensors(documented):
    kinds = {task.task_id: type(task).__name__ for task in documented.tasks}
    assert kinds == {
        "orders": "FreshDataSensor",
        "train": "TrackedStepOperator",
        "register": "RegisterModelOperator",
        "approved": "ModelAliasSensor",
        "promote": "PromoteModelOperator",
    }
    assert documented.task_dict["orders"].downstream_task_ids == {"train"}
    assert documented.task_dict["promote"].upstream_task_ids == {"approved"}
    assert documented.task_dict["approved"].deferrable


def test_limit_that_the_page_names_is_that_of_mlflow():
    names = {}
    exec(compile(BLOCKS[1], "docs/plugins.md", "exec"), names)  # noqa: S102 - our own page
    from mlops import rate_limit

    assert callable(names["log_chunk"])
    assert rate_limit.MLFLOW == "mlflow_api"
    assert (rate_limit.RateLimit().calls, rate_limit.RateLimit().window) == (20, 60)
