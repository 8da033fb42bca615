"""DP202: another machine was called while the DAG file was imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what the import of the file did of this kind."""
    for effect in audited.effects(Kind.NETWORK):
        yield hit(audited, effect, called(effect))


RULE: Final = Rule(
    code="DP202",
    slug="network-call-during-import",
    severity=Severity.ERROR,
    kind=Kind.NETWORK,
    on=True,
    why=(
        "Airflow imports every DAG file over and over, and once more for each task that runs. A "
        "host that is slow delays all of them, and one that does not answer removes the DAGs of "
        "the file."
    ),
    fix="Move the call into a task.",
    bad="""\
import requests
from airflow.sdk import DAG

RATES = requests.get("https://rates.test/today", timeout=10).json()

with DAG("rates", params=RATES):
    pass
""",
    good="""\
import requests
from airflow.sdk import DAG, task


@task
def rates():
    return requests.get("https://rates.test/today", timeout=10).json()


with DAG("rates"):
    rates()
""",
    check=check,
)
