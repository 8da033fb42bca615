"""DP306: a value can be pushed to XCom and not be read back."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the values that no task can pull."""
    return contracted.hits("pull-only-failure")


RULE: Final = Rule(
    code="DP306",
    slug="pull-only-failure",
    severity=Severity.ERROR,
    kind=Kind.XCOM,
    on=True,
    why=(
        "The task that returns the value succeeds, and each task that pulls it fails, as often as "
        "it is retried. Airflow gives a DAG file a module name that no allow-list can know, so "
        "classes that are defined there are never read back."
    ),
    fix=(
        "Return a dict, or define the class in a module that `allowed_deserialization_classes` "
        "names."
    ),
    bad="""\
from dataclasses import dataclass

from airflow.sdk import DAG, task


@dataclass
class Split:
    train: str


with DAG("load"):
    @task
    def split() -> Split:
        return Split("/data/train.csv")

    split()
""",
    good="""\
from dataclasses import asdict, dataclass

from airflow.sdk import DAG, task


@dataclass
class Split:
    train: str


with DAG("load"):
    @task
    def split() -> dict[str, str]:
        return asdict(Split("/data/train.csv"))

    split()
""",
    check=check,
)
