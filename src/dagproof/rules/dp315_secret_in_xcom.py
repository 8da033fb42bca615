"""DP315: a value for XCom holds a password, a token or a key."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the values that hold a secret; no message shows it."""
    return contracted.hits("secret-in-xcom")


RULE: Final = Rule(
    code="DP315",
    slug="secret-in-xcom",
    severity=Severity.ERROR,
    kind=Kind.XCOM,
    on=True,
    why=(
        "XCom values are kept in the metadata database as plain text, and everybody who may look "
        "at the DAG can read them in the web interface and by the API."
    ),
    fix=(
        "Revoke it, and have the task that needs it ask an Airflow connection or the secrets "
        "backend."
    ),
    bad="""\
from airflow.sdk import DAG, Connection, task

with DAG("load"):
    @task
    def login() -> dict[str, str]:
        return {"password": Connection.get("warehouse").password}

    login()
""",
    good="""\
from airflow.sdk import DAG, Connection, task

with DAG("load"):
    @task
    def login() -> dict[str, str]:
        return {"host": Connection.get("warehouse").host}

    login()
""",
    check=check,
)
