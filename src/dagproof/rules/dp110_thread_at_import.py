"""DP110: a thread or a pool of workers is started while the DAG file is imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP110"):
        yield hit(reading, event, f"{shown(event)} runs")


RULE: Final = Rule(
    code="DP110",
    slug="thread-at-import",
    severity=Severity.ERROR,
    kind=Kind.THREAD,
    on=True,
    why=(
        "The DAG processor forks for each file: threads are lost or deadlock in the child, and "
        "each import starts them anew."
    ),
    fix="Start it inside a task.",
    bad="""\
import threading
from airflow.sdk import DAG

threading.Thread(target=print).start()

with DAG("background"):
    pass
""",
    good="""\
import threading
from airflow.sdk import DAG, task


@task
def work():
    threading.Thread(target=print).start()


with DAG("background"):
    work()
""",
    check=check,
)
