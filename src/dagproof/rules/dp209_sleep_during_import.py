"""DP209: the import of the DAG file waited."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what the import of the file did of this kind."""
    for effect in audited.effects(Kind.SLEEP):
        yield hit(audited, effect, called(effect), "was called")


RULE: Final = Rule(
    code="DP209",
    slug="sleep-during-import",
    severity=Severity.ERROR,
    kind=Kind.SLEEP,
    on=True,
    why=(
        "Every import takes that much longer: the DAG processor has that much less time for other "
        "files, and each task of this one starts that much later."
    ),
    fix="Wait with a sensor, or inside a task.",
    bad="""\
import time

from airflow.sdk import DAG

time.sleep(1)

with DAG("wait"):
    pass
""",
    good="""\
import time

from airflow.sdk import DAG, task


@task
def wait():
    time.sleep(1)


with DAG("wait"):
    wait()
""",
    check=check,
)
