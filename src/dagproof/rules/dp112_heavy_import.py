"""DP112: a library that takes long to load is imported at the top of a DAG file."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.entry_points import import_seconds
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP112"):
        seconds = import_seconds(event.name)
        yield hit(reading, event, f"{shown(event)} costs about {seconds:g} s")


RULE: Final = Rule(
    code="DP112",
    slug="heavy-import",
    severity=Severity.WARNING,
    kind=Kind.HEAVY_IMPORT,
    on=True,
    why=(
        "Airflow parses every file in a fresh process; each second that an import takes is paid "
        "every few seconds, for every file that has it."
    ),
    fix="Import it inside the task that needs it.",
    bad="""\
import pandas as pd
from airflow.sdk import DAG, task


@task
def rows():
    return len(pd.read_csv("/data/rows.csv"))


with DAG("rows"):
    rows()
""",
    good="""\
from airflow.sdk import DAG, task


@task
def rows():
    import pandas as pd

    return len(pd.read_csv("/data/rows.csv"))


with DAG("rows"):
    rows()
""",
    check=check,
)
