"""DP113: a trained model is loaded while the DAG file is imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP113"):
        yield hit(reading, event, f"{shown(event)} runs")


RULE: Final = Rule(
    code="DP113",
    slug="model-load-at-import",
    severity=Severity.ERROR,
    kind=Kind.FILESYSTEM_READ,
    on=True,
    why=(
        "A model takes seconds and memory to load, at every import, and the file may not be on the "
        "machine that parses DAGs."
    ),
    fix="Load the model inside the task that predicts.",
    bad="""\
import joblib
from airflow.sdk import DAG, task

MODEL = joblib.load("/models/champion.joblib")


@task
def predict():
    return MODEL.predict([[1.0]]).tolist()


with DAG("predict"):
    predict()
""",
    good="""\
import joblib
from airflow.sdk import DAG, task


@task
def predict():
    model = joblib.load("/models/champion.joblib")
    return model.predict([[1.0]]).tolist()


with DAG("predict"):
    predict()
""",
    check=check,
)
