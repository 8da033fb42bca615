"""DP125: a connection that the repository's manifests do not declare."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.repository import Repository
from dagproof.rules.undeclared import undeclared


def check(repository: Repository) -> Iterator[Hit]:
    """Yield what the manifests lack; without manifests nothing is known and nothing is said."""
    return undeclared(repository, "connection", frozenset())


RULE: Final = Rule(
    code="DP125",
    slug="undeclared-connection",
    severity=Severity.ERROR,
    kind=Kind.CONFIG,
    on=True,
    why="The task fails when it asks for the connection, in the environment that lacks it.",
    fix="Declare the connection in the manifest, or name one that is declared.",
    bad="""\
from airflow.sdk import DAG
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

with DAG("load"):
    SQLExecuteQueryOperator(task_id="load", sql="SELECT 1", conn_id="undeclared")
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.common.sql.operators.sql import SQLExecuteQueryOperator

with DAG("load"):
    SQLExecuteQueryOperator(task_id="load", sql="SELECT 1", conn_id="declared")
""",
    check=check,
)
