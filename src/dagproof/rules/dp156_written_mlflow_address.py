"""DP156: the address of an MLflow server is written in the file."""

import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.mlflow_addresses import mlflow_addresses
from dagproof.rules.reading import Reading

_SERVER: Final = re.compile(r"https?://[^/]+.*", re.IGNORECASE | re.DOTALL)


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the addresses of servers that are written out."""
    written = {
        id(one.written): one
        for one in reversed(mlflow_addresses(reading.source))
        if one.whole and _SERVER.fullmatch(one.text)
    }
    for one in reversed(written.values()):
        message = f"`{one.called}()` is given the address of one server, wherever the DAG runs"
        yield Hit(reading.source.span(one.written), message)


RULE: Final = Rule(
    code="DP156",
    slug="written-mlflow-address",
    severity=Severity.WARNING,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "It wins over `MLFLOW_TRACKING_URI`: whoever runs the DAG to try or to test it writes to "
        "that server, mostly the one of production, or waits for one that cannot be reached. "
        "`dagproof run` refuses to."
    ),
    fix=(
        "Leave the call out: MLflow reads `MLFLOW_TRACKING_URI` by itself. Or read the address "
        "from the environment, an Airflow variable or a connection, in the task."
    ),
    bad="""\
from airflow.sdk import DAG, task


@task
def train():
    import mlflow

    mlflow.set_tracking_uri("http://mlflow:5000")
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
