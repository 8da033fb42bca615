"""DP156: the address of an MLflow server is written in the file."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from dagproof.model import Hit, Kind, Related, Rule, Severity
from dagproof.rules.mlflow_addresses import Address, mlflow_addresses
from dagproof.rules.reading import Reading

_SERVERS: Final = ("http", "https", "postgresql", "mysql", "mssql")
"""Schemes, without drivers, of what MLflow keeps its runs in and other machines serve."""


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the addresses of servers that are written out."""
    uses: dict[int, list[Address]] = {}
    for one in mlflow_addresses(reading.source):
        if one.whole and _server(one.text):
            uses.setdefault(id(one.written), []).append(one)
    for given in uses.values():
        first = given[0]
        written = reading.source.span(first.written)
        calls = [reading.source.span(one.node) for one in given]
        yield Hit(
            written,
            f"`{_server(first.text)}` is written in the file, and `{first.taker}` takes it "
            "wherever the DAG runs",
            tuple(Related(span, "it is taken here") for span in calls if span.line != written.line),
        )


def _server(address: str) -> str:
    """Return the server that an address names, without user and password; empty for none."""
    try:
        parts = urlsplit(address)
        host = parts.netloc.rpartition("@")[2]
    except ValueError:
        return ""
    return f"{parts.scheme}://{host}" if parts.scheme.partition("+")[0] in _SERVERS and host else ""


RULE: Final = Rule(
    code="DP156",
    slug="written-mlflow-address",
    severity=Severity.WARNING,
    kind=Kind.MLFLOW,
    on=True,
    why=(
        "It wins over `MLFLOW_TRACKING_URI`: whoever runs the DAG to try or to test it writes to "
        "that server, perhaps the one of production, or waits for minutes where it cannot be "
        "reached. `dagproof run` keeps MLflow to its own server and to this machine."
    ),
    fix=(
        "Set `MLFLOW_TRACKING_URI` where Airflow runs, which MLflow reads by itself, and leave the "
        "address out here. Or read it from an Airflow variable or a connection, in the task."
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
