"""DP226: a DAG imports, and Airflow cannot write it down."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, code


def check(audited: Audited) -> Iterator[Hit]:
    """Yield the DAGs that cannot be serialized, unless the audit itself is behind it."""
    for failure in audited.trace.unserializable:
        if failure.caused:
            continue
        text = failure.message.strip()
        raised = code(f"{failure.type}: {text}" if text else failure.type)
        dag = f"The DAG {code(failure.dag_id)}" if failure.dag_id else "A DAG of this file"
        message = f"{dag} cannot be serialized: {raised}"
        yield Hit(failure.span, message, failure.chain, detail=failure.traceback.rstrip())


RULE: Final = Rule(
    code="DP226",
    slug="unserializable-dag",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why=(
        "The scheduler and the API server know a DAG by its serialized form alone: this one never "
        "appears, or goes on in the form that it had before."
    ),
    fix="Define the DAG by plain values, and register timetables and strategies by a plugin.",
    bad="""\
from airflow.sdk import DAG
from airflow.timetables.trigger import CronTriggerTimetable


class Nightly(CronTriggerTimetable):
    pass


with DAG("load", schedule=Nightly("0 3 * * *", timezone="UTC")):
    pass
""",
    good="""\
from airflow.sdk import DAG
from airflow.timetables.trigger import CronTriggerTimetable

with DAG("load", schedule=CronTriggerTimetable("0 3 * * *", timezone="UTC")):
    pass
""",
    check=check,
)
