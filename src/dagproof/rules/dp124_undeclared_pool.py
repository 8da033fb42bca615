"""DP124: a pool that the repository's manifests do not declare."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.repository import Repository
from dagproof.rules.undeclared import undeclared


def check(repository: Repository) -> Iterator[Hit]:
    """Yield what the manifests lack; without manifests nothing is known and nothing is said."""
    return undeclared(repository, "pool", frozenset({"default_pool"}))


RULE: Final = Rule(
    code="DP124",
    slug="undeclared-pool",
    severity=Severity.ERROR,
    kind=Kind.CONFIG,
    on=True,
    why="A task whose pool does not exist is never queued: it waits without an error.",
    fix="Declare the pool in the manifest, or name one that is declared.",
    bad="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("load"):
    BashOperator(task_id="load", bash_command="load", pool="undeclared")
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("load"):
    BashOperator(task_id="load", bash_command="load", pool="default_pool")
""",
    check=check,
)
