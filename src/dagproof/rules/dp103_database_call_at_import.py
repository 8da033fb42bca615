"""DP103: a database is connected to, or an engine is built, while the DAG file is imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP103"):
        yield hit(reading, event, f"{shown(event)} runs")


RULE: Final = Rule(
    code="DP103",
    slug="database-call-at-import",
    severity=Severity.ERROR,
    kind=Kind.DATABASE,
    on=True,
    why=(
        "Every import by every DAG processor opens a connection, and a database that is down or "
        "slow takes the DAGs of the file with it."
    ),
    fix="Move the connection into the task that needs it, best through a hook.",
    bad="""\
import psycopg2
from airflow.sdk import DAG

connection = psycopg2.connect("dbname=shop")

with DAG("shop"):
    pass
""",
    good="""\
import psycopg2
from airflow.sdk import DAG, task


@task
def count():
    with psycopg2.connect("dbname=shop") as connection:
        return connection.cursor().execute("select count(*) from orders")


with DAG("shop"):
    count()
""",
    check=check,
)
