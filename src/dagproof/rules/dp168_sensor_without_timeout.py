"""DP168: a sensor waits for a week, since nobody said how long it should."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.definitions import definitions
from dagproof.rules.governance import dags, defaults
from dagproof.rules.reading import Reading

_SAID: Final = frozenset({"timeout", "execution_timeout"})


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the sensors of Airflow's own packages that have no timeout."""
    given = [defaults(made) for made in dags(reading)]
    if len(given) != len(definitions(reading).dags) or None in given:
        return
    if any(not _SAID.isdisjoint(one or ()) for one in given):
        return
    for task in definitions(reading).tasks:
        name = task.event.name.removesuffix(".partial")
        if not name.endswith(("Sensor", "SensorAsync")) or task.hidden or task.id is None:
            continue
        if _SAID.isdisjoint(map(str, task.arguments)) and task.event.source is reading.source:
            yield Hit(task.span, f"The sensor `{task.id}` waits for up to seven days")


RULE: Final = Rule(
    code="DP168",
    slug="sensor-without-timeout",
    severity=Severity.WARNING,
    kind=Kind.DAG_STRUCTURE,
    on=False,
    why="The default is seven days: what does not come is noticed a week later.",
    fix="Set `timeout`, in seconds.",
    bad="""\
from airflow.sdk import DAG
from airflow.providers.standard.sensors.filesystem import FileSensor

with DAG("load"):
    FileSensor(task_id="wait", filepath="rates.csv")
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.standard.sensors.filesystem import FileSensor

with DAG("load"):
    FileSensor(task_id="wait", filepath="rates.csv", timeout=3600)
""",
    check=check,
)
