"""DP155: a model is logged with `artifact_path`, which MLflow 3 calls `name`."""

import ast
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.nodes import every_node
from dagproof.rules.reading import Reading
from dagproof.rules.surroundings import pins_old_mlflow


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the calls of `log_model` that give `artifact_path`."""
    data = reading.source.data
    if b"artifact_path" not in data or b"log_model" not in data or b"mlflow" not in data:
        return
    for node in every_node(reading.source):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        if node.func.attr != "log_model":
            continue
        for keyword in node.keywords:
            if keyword.arg == "artifact_path" and not pins_old_mlflow(reading.source.path):
                yield Hit(
                    reading.source.span(keyword),
                    "`log_model()` takes `artifact_path` for the old name of `name`",
                )


RULE: Final = Rule(
    code="DP155",
    slug="mlflow-artifact-path",
    severity=Severity.NOTE,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "MLflow 3 keeps models beside their runs: `artifact_path` is deprecated, warns at each "
        "call, and no longer says where the files are."
    ),
    fix="Write `name=` instead, and address the model by the URI that `log_model()` returns.",
    bad="""\
from airflow.sdk import DAG, task


@task
def train(model):
    import mlflow

    with mlflow.start_run():
        mlflow.sklearn.log_model(model, artifact_path="model")


with DAG("train"):
    train(1)
""",
    good="""\
from airflow.sdk import DAG, task


@task
def train(model):
    import mlflow

    with mlflow.start_run():
        mlflow.sklearn.log_model(model, name="model")


with DAG("train"):
    train(1)
""",
    check=check,
)
