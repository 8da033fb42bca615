"""DP316: a task changed a value after it had pushed it to XCom."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the values that were changed after they had been pushed."""
    return contracted.hits("mutated-xcom")


RULE: Final = Rule(
    code="DP316",
    slug="mutated-xcom",
    severity=Severity.WARNING,
    kind=Kind.XCOM,
    on=True,
    why=(
        "XCom keeps a value as it was when it was pushed. What the task adds to it afterwards "
        "reaches nobody, and no error says so."
    ),
    fix="Push the value when it is complete, as the last step of the task.",
    bad="""\
from airflow.sdk import DAG, task

with DAG("load"):
    @task
    def collect(ti=None):
        found = []
        ti.xcom_push("found", found)
        found.append(1)

    collect()
""",
    good="""\
from airflow.sdk import DAG, task

with DAG("load"):
    @task
    def collect(ti=None):
        found = []
        found.append(1)
        ti.xcom_push("found", found)

    collect()
""",
    check=check,
)
