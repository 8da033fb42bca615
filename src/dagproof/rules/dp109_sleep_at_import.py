"""DP109: the import of the DAG file waits."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP109"):
        yield hit(reading, event, f"{shown(event)} runs")


RULE: Final = Rule(
    code="DP109",
    slug="sleep-at-import",
    severity=Severity.ERROR,
    kind=Kind.SLEEP,
    on=True,
    why=(
        "Every import takes that much longer, and no other file is parsed by that process "
        "meanwhile."
    ),
    fix="Wait with a sensor, or inside a task.",
    bad="""\
import time
from airflow.sdk import DAG

time.sleep(5)

with DAG("wait"):
    pass
""",
    good="""\
import time
from airflow.sdk import DAG, task


@task
def wait():
    time.sleep(5)


with DAG("wait"):
    wait()
""",
    check=check,
)
