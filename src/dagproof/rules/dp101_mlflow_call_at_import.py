"""DP101: MLflow is called while the DAG file is imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP101"):
        yield hit(reading, event, f"{shown(event)} runs")


RULE: Final = Rule(
    code="DP101",
    slug="mlflow-call-at-import",
    severity=Severity.ERROR,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "Airflow imports every DAG file over and over, also where no tracking server answers. "
        "`mlflow.set_experiment()` then blocks for minutes, and the file ends in `DagBag import "
        "timeout` or `ConnectionRefusedError` with all of its DAGs gone."
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
