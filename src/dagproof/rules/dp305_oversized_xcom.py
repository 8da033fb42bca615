"""DP305: a value takes more room in the metadata database than XCom is for."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the values that take more than the budget in the metadata database."""
    return contracted.hits("oversized-xcom")


RULE: Final = Rule(
    code="DP305",
    slug="oversized-xcom",
    severity=Severity.WARNING,
    kind=Kind.XCOM,
    on=True,
    why=(
        "XCom values are rows of the metadata database. Each pull sends the whole value through "
        "the API server and the supervisor, and the row stays as long as the run is kept; large "
        "ones starve heartbeats and fill the database."
    ),
    fix=(
        "Write the value to storage and return its address, or configure an XCom backend that does."
    ),
    bad="""\
from airflow.sdk import DAG, task

with DAG("load"):
    @task
    def trips() -> list[int]:
        return list(range(1_000_000))

    trips()
""",
    good="""\
from airflow.sdk import DAG, ObjectStoragePath, task

with DAG("load"):
    @task
    def trips() -> str:
        path = ObjectStoragePath("file:///data/trips.txt")
        path.write_text("\\n".join(map(str, range(1_000_000))))
        return str(path)

    trips()
""",
    check=check,
)
