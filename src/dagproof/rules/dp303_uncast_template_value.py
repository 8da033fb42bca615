"""DP303: a template gives a callable a value of another type than it wants."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the arguments that get such a value."""
    return contracted.hits("uncast-template-value")


RULE: Final = Rule(
    code="DP303",
    slug="uncast-template-value",
    severity=Severity.ERROR,
    kind=Kind.TEMPLATE,
    on=True,
    why=(
        "A template gives text, whatever the Param is: `5` arrives as `'5'`, and "
        "arithmetic, comparisons and format codes fail or mean something else."
    ),
    fix="Cast the argument in the callable, or take it from `params` or an XCom, which keep types.",
    bad="""\
from airflow.sdk import DAG, Param, task

with DAG("load", params={"month": Param(1, type="integer")}):

    @task
    def load(month: int) -> str:
        return f"{month:02d}"

    load(month="{{ params.month }}")
""",
    good="""\
from airflow.sdk import DAG, Param, task

with DAG("load", params={"month": Param(1, type="integer")}):

    @task
    def load(month: str) -> str:
        return f"{int(month):02d}"

    load(month="{{ params.month }}")
""",
    check=check,
)
