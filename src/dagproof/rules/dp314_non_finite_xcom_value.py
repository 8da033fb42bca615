"""DP314: a value for XCom holds NaN or infinity."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the values that hold a number for which JSON has no form."""
    return contracted.hits("non-finite-xcom-value")


RULE: Final = Rule(
    code="DP314",
    slug="non-finite-xcom-value",
    severity=Severity.ERROR,
    kind=Kind.XCOM,
    on=True,
    why=(
        "JSON has no form for NaN and infinity. The API refuses the value, and the task fails "
        "after its work is done, on the day when a metric cannot be computed."
    ),
    fix="Return `None` in place of such a number, and log it where it is made.",
    bad="""\
from airflow.sdk import DAG, task

with DAG("load"):
    @task
    def score() -> dict[str, float]:
        return {"auc": float("nan")}

    score()
""",
    good="""\
from airflow.sdk import DAG, task

with DAG("load"):
    @task
    def score() -> dict[str, float | None]:
        return {"auc": None}

    score()
""",
    check=check,
)
