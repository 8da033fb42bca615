"""DP102: a client talks to another machine, or is built to, while the DAG file is imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP102"):
        yield hit(reading, event, f"{shown(event)} runs")


RULE: Final = Rule(
    code="DP102",
    slug="network-call-at-import",
    severity=Severity.ERROR,
    kind=Kind.NETWORK,
    on=True,
    why=(
        "Airflow imports every DAG file over and over; one slow host delays every DAG, and one "
        "that does not answer removes them."
    ),
    fix="Move the call into a task.",
    bad="""\
import requests
from airflow.sdk import DAG

RATES = requests.get("https://rates.test/today").json()

with DAG("rates", params=RATES):
    pass
""",
    good="""\
import requests
from airflow.sdk import DAG, task


@task
def rates():
    return requests.get("https://rates.test/today").json()


with DAG("rates"):
    rates()
""",
    check=check,
)
