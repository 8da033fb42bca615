"""DP105: a file or folder is written, moved or removed while the DAG file is imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP105"):
        yield hit(reading, event, f"{shown(event)} runs")


RULE: Final = Rule(
    code="DP105",
    slug="file-write-at-import",
    severity=Severity.ERROR,
    kind=Kind.FILESYSTEM_WRITE,
    on=True,
    why=(
        "It happens on the DAG processor, again and again and side by side, and not on the worker "
        "that needs it."
    ),
    fix="Move it into a task.",
    bad="""\
import os
from airflow.sdk import DAG

os.makedirs("/data/raw", exist_ok=True)

with DAG("load"):
    pass
""",
    good="""\
import os
from airflow.sdk import DAG, task


@task
def prepare():
    os.makedirs("/data/raw", exist_ok=True)


with DAG("load"):
    prepare()
""",
    check=check,
)
