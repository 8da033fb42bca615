"""DP304: a value comes back from XCom as something else than was pushed."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the values that lose something on their way."""
    return contracted.hits("lossy-xcom")


RULE: Final = Rule(
    code="DP304",
    slug="lossy-xcom",
    severity=Severity.WARNING,
    kind=Kind.XCOM,
    on=True,
    why=(
        "The task that pulls gets something else than the task has returned, and nothing says so: "
        "keys of a dict are texts, a named tuple has no names, a decimal has the digits of a "
        "float. It is noticed where a lookup finds nothing, or not at all."
    ),
    fix=(
        "Return what JSON can hold, such as text keys and plain dicts, and convert where it is "
        "pulled."
    ),
    bad="""\
from airflow.sdk import DAG, task

with DAG("load"):
    @task
    def rates() -> list[dict[int, float]]:
        return [{7: 0.5}]

    rates()
""",
    good="""\
from airflow.sdk import DAG, task

with DAG("load"):
    @task
    def rates() -> list[dict[str, float]]:
        return [{"7": 0.5}]

    rates()
""",
    check=check,
)
