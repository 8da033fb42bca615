"""DP154: MLflow is pointed at a folder, a store that it refuses by now."""

import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.mlflow_addresses import mlflow_addresses
from dagproof.rules.reading import Reading
from dagproof.rules.surroundings import may_keep_files

_FOLDER: Final = re.compile(r"file:.*|\.{0,2}/.*|(\.{1,2}/)?mlruns/?")


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the tracking addresses that are folders."""
    if b"MLFLOW_ALLOW_FILE_STORE" in reading.source.data:
        return
    for one in mlflow_addresses(reading.source):
        folder = _FOLDER.fullmatch(one.text) if one.whole else one.text.startswith("file:")
        if folder and not may_keep_files(reading.source.path):
            message = f"`{one.taker}` names a folder, a store that MLflow refuses since 3.13"
            yield Hit(reading.source.span(one.node), message)


RULE: Final = Rule(
    code="DP154",
    slug="mlflow-file-store",
    severity=Severity.WARNING,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "The first call to a folder raises unless `MLFLOW_ALLOW_FILE_STORE=true`; and tasks that "
        "run on several machines each write to a folder of their own."
    ),
    fix=(
        "Leave the call out, and have `MLFLOW_TRACKING_URI` name a server where Airflow runs; on "
        "one machine a database such as `sqlite:////data/mlflow.db` will do. `mlflow "
        "migrate-filestore` takes the runs there."
    ),
    bad="""\
from airflow.sdk import DAG, task


@task
def train():
    import mlflow

    mlflow.set_tracking_uri("file:./mlruns")
    mlflow.log_metric("rmse", 5.9)


with DAG("train"):
    train()
""",
    good="""\
from airflow.sdk import DAG, task


@task
def train():
    import mlflow

    mlflow.log_metric("rmse", 5.9)


with DAG("train"):
    train()
""",
    check=check,
)
