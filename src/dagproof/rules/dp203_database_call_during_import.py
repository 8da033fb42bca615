"""DP203: a database was connected to while the DAG file was imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what the import of the file did of this kind."""
    for effect in audited.effects(Kind.DATABASE):
        yield hit(audited, effect, called(effect))


RULE: Final = Rule(
    code="DP203",
    slug="database-call-during-import",
    severity=Severity.ERROR,
    kind=Kind.DATABASE,
    on=True,
    why=(
        "Every DAG processor opens a connection at every import, and so does each task that runs. "
        "A database that is down or slow takes the DAGs of the file with it."
    ),
    fix="Move the connection into the task that needs it, best through a hook.",
    bad="""\
import sqlite3

from airflow.sdk import DAG

connection = sqlite3.connect("/data/shop.db")

with DAG("shop"):
    pass
""",
    good="""\
import sqlite3

from airflow.sdk import DAG, task


@task
def count():
    with sqlite3.connect("/data/shop.db") as connection:
        return connection.execute("select count(*) from orders").fetchone()[0]


with DAG("shop"):
    count()
""",
    check=check,
)
