"""DP404: running a DAG again changes what one run has left."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.repeated import Repeated


def check(repeated: Repeated) -> Iterator[Hit]:
    """Yield what is not the same after another run."""
    return repeated.hits("not-idempotent")


RULE: Final = Rule(
    code="DP404",
    slug="not-idempotent",
    severity=Severity.ERROR,
    kind=Kind.RUN,
    on=True,
    why=(
        "Runs are cleared, backfilled and retried. A task that appends, or that names and computes "
        "by chance, then leaves twice as much, or something else, and nobody can tell which of it "
        "is right."
    ),
    fix=(
        "Write to a place that the logical date names and replace what is there, or upsert by "
        "key; seed what is random; list what may differ under `repeatable-except`."
    ),
    bad="""\
import os

from airflow.sdk import DAG, task


@task
def load():
    import psycopg2

    with psycopg2.connect(os.environ["WAREHOUSE"]) as warehouse:
        warehouse.cursor().execute("INSERT INTO trips SELECT * FROM staged_trips")


with DAG("load"):
    load()
""",
    good="""\
import os

from airflow.sdk import DAG, task


@task
def load(ds=None):
    import psycopg2

    with psycopg2.connect(os.environ["WAREHOUSE"]) as warehouse:
        cursor = warehouse.cursor()
        cursor.execute("DELETE FROM trips WHERE day = %s", (ds,))
        cursor.execute("INSERT INTO trips SELECT * FROM staged_trips WHERE day = %s", (ds,))


with DAG("load"):
    load()
""",
    check=check,
)
