"""DP201: MLflow was called while the DAG file was imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what the import of the file did of this kind."""
    for effect in audited.effects(Kind.MLFLOW):
        yield hit(audited, effect, called(effect), "was called")


RULE: Final = Rule(
    code="DP201",
    slug="mlflow-call-during-import",
    severity=Severity.ERROR,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "Airflow imports every DAG file over and over, and once more for each task that runs. "
        "Where no tracking server answers, the call blocks for minutes, and the file ends as an "
        "import error with all of its DAGs gone."
    ),
    fix="Move the call into the task that logs.",
    bad="""\
import mlflow
from airflow.sdk import dag, task

mlflow.set_tracking_uri("http://mlflow:5000")
mlflow.set_experiment("taxi")


@dag(schedule=None)
def taxi():
    @task
    def train():
        mlflow.log_metric("rmse", 7.0)

    train()


taxi()
""",
    good="""\
from airflow.sdk import dag, task


@dag(schedule=None)
def taxi():
    @task
    def train():
        import mlflow

        mlflow.set_tracking_uri("http://mlflow:5000")
        mlflow.set_experiment("taxi")
        mlflow.log_metric("rmse", 7.0)

    train()


taxi()
""",
    check=check,
)
