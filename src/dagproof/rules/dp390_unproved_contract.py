"""DP390: something that a DAG promises could not be tried."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield what could not be tried."""
    return contracted.hits("unproved-contract")


RULE: Final = Rule(
    code="DP390",
    slug="unproved-contract",
    severity=Severity.NOTE,
    kind=Kind.CONFIG,
    on=True,
    why=(
        "What cannot be tried is not known to hold: an annotation that cannot be read, a "
        "schema for which no example can be made, a type for which there are no values."
    ),
    fix="Make it readable, or take the promise out.",
    bad="""\
from airflow.sdk import DAG, task

with DAG("load"):

    @task
    def rows() -> "Rows":
        return [1, 2]

    rows()
""",
    good="""\
from airflow.sdk import DAG, task

with DAG("load"):

    @task
    def rows() -> list[int]:
        return [1, 2]

    rows()
""",
    check=check,
)
