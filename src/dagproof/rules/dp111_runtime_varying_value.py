"""DP111: a value that differs from import to import defines a DAG."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown
from dagproof.rules.usage import only_for_tasks


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP111"):
        if not only_for_tasks(reading, event):
            yield hit(reading, event, f"{shown(event)} gives another value")


RULE: Final = Rule(
    code="DP111",
    slug="runtime-varying-value",
    severity=Severity.WARNING,
    kind=Kind.RUNTIME_VARYING,
    on=True,
    why=(
        "Airflow compares each import with the one before: a DAG whose definition holds the time "
        "or a random number gets a new version each time, a moving `start_date` never runs, and "
        "tasks see another value than the scheduler."
    ),
    fix="Use a fixed value, or a template such as `{{ ds }}` that is filled in when the task runs.",
    bad="""\
from datetime import datetime
from airflow.sdk import DAG

with DAG("daily", start_date=datetime.now()):
    pass
""",
    good="""\
from datetime import datetime
from airflow.sdk import DAG

with DAG("daily", start_date=datetime(2024, 1, 1)):
    pass
""",
    check=check,
)
