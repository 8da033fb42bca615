"""DP154: MLflow is pointed at a folder, a store that it refuses by now."""

import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.mlflow_addresses import mlflow_addresses
from dagproof.rules.reading import Reading
from dagproof.rules.surroundings import pins_old_mlflow

_FOLDER: Final = re.compile(r"file:.*|\.{0,2}/.*|(\.{1,2}/)?mlruns/?")


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the tracking addresses that are folders."""
    if b"MLFLOW_ALLOW_FILE_STORE" in reading.source.data:
        return
    for one in mlflow_addresses(reading.source):
        folder = _FOLDER.fullmatch(one.text) if one.whole else one.text.startswith("file:")
        if folder and not pins_old_mlflow(reading.source.path):
            message = f"`{one.called}()` names a folder, a store that MLflow refuses since 3.13"
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
    fix="Name a server, or a database such as `sqlite:////data/mlflow.db`.",
    bad="""\
from airflow.sdk import DAG, task


@task
def train():
    import mlflow

    mlflow.set_tracking_uri("file:./mlruns")


with DAG("train"):
    train()
""",
    good="""\
import os

from airflow.sdk import DAG, task


@task
def train():
    import mlflow

    mlflow.set_tracking_uri(os.environ["MLFLOW_TRACKING_URI"])


with DAG("train"):
    train()
""",
    check=check,
)
