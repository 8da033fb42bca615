"""DP126: a variable that the repository's manifests do not declare."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.repository import Repository
from dagproof.rules.undeclared import undeclared


def check(repository: Repository) -> Iterator[Hit]:
    """Yield what the manifests lack; without manifests nothing is known and nothing is said."""
    return undeclared(repository, "variable", frozenset())


RULE: Final = Rule(
    code="DP126",
    slug="undeclared-variable",
    severity=Severity.ERROR,
    kind=Kind.CONFIG,
    on=True,
    why=(
        "The task fails when it asks for the variable, in the environment that lacks it. One that "
        "is asked for with a default is optional, and not looked at."
    ),
    fix="Declare the variable in the manifest, or give a default.",
    bad="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("load"):
    BashOperator(task_id="load", bash_command="load {{ var.value.undeclared }}")
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("load"):
    BashOperator(task_id="load", bash_command="load {{ var.value.declared }}")
""",
    check=check,
)
