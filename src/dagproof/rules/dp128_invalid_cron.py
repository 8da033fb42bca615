"""DP128: the schedule of a DAG is no cron expression that Airflow knows."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.arguments import argument, keyword_node, text
from dagproof.rules.cron import problem
from dagproof.rules.definitions import definitions
from dagproof.rules.reading import Reading
from dagproof.source.values import Event

_NAMES: Final = ("schedule", "schedule_interval")
_TIMETABLES: Final = (".CronTriggerTimetable", ".CronDataIntervalTimetable")


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the schedules that Airflow cannot read."""
    told = set()
    for event, schedule in _schedules(reading):
        wrong = problem(schedule) if schedule and "{" not in schedule else None
        if wrong is not None and event.node not in told:
            told.add(event.node)
            node = keyword_node(event, *_NAMES, "cron")
            yield Hit(event.source.span(node), f"The schedule `{schedule}` cannot be read: {wrong}")


def _schedules(reading: Reading) -> Iterator[tuple[Event, str]]:
    for made in definitions(reading).dags:
        if made.function is None:
            yield made.event, text(argument(made.event.arguments, *_NAMES)) or ""
    for event in reading.unit.events:
        if event.name.endswith(_TIMETABLES):
            yield event, text(argument(event.arguments, "cron", 0)) or ""
        elif event.name.endswith(".dag"):
            yield event, text(argument(event.arguments, *_NAMES)) or ""


RULE: Final = Rule(
    code="DP128",
    slug="invalid-cron",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why="Airflow refuses the DAG when it imports the file: it is not there, and never runs.",
    fix=(
        "Write five fields such as `0 6 * * 1-5`, or a preset such as `@daily`; a DAG that has no "
        "schedule has `schedule=None`."
    ),
    bad='from airflow.sdk import DAG\n\nwith DAG("load", schedule="0 25 * * *"):\n    pass\n',
    good='from airflow.sdk import DAG\n\nwith DAG("load", schedule="25 0 * * *"):\n    pass\n',
    check=check,
)
