"""DP224: two imports of the same DAG file gave different DAGs."""

from collections.abc import Iterator, Sequence
from typing import Final

from dagproof.model import Difference, Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, code

_SHOWN: Final = 10
"""Differences that are listed below the message."""


def check(audited: Audited) -> Iterator[Hit]:
    """Yield a hit for each DAG that differs, and one where the file did not import twice."""
    by_dag: dict[str, list[Difference]] = {}
    for difference in audited.trace.differences:
        by_dag.setdefault(difference.dag_id, []).append(difference)
    for dag_id, differences in by_dag.items():
        span = audited.trace.spans.get(dag_id, audited.top)
        yield Hit(span, _told(dag_id, differences[0]), detail=_listed(differences))


def _told(dag_id: str, first: Difference) -> str:
    values = f"{_value(first.first)} and then {_value(first.second)}"
    if not dag_id:
        return f"One import of this file failed and another did not: {values}"
    place = f"{code(first.where)} was " if first.where else ""
    return f"{code(dag_id)} differs from import to import: {place}{values}"


def _value(text: str) -> str:
    return code(text) if text else "nothing"


def _listed(differences: Sequence[Difference]) -> str:
    lines = [
        f"{one.where or 'import'}: {one.first or 'nothing'} != {one.second or 'nothing'}"
        for one in differences[:_SHOWN]
    ]
    more = len(differences) - len(lines)
    return "\n".join([*lines, *([f"and {more} more"] if more else [])])


RULE: Final = Rule(
    code="DP224",
    slug="unstable-dag",
    severity=Severity.ERROR,
    kind=Kind.RUNTIME_VARYING,
    on=True,
    why=(
        "Airflow keeps a version of every DAG and compares each import with the last. One that "
        "differs by the clock, the order of a set or the machine gets a new version again and "
        "again, and its tasks run another DAG than the scheduler planned."
    ),
    fix="Define the DAG by fixed values in a fixed order; templates such as `{{ ds }}` may vary.",
    bad="""\
from datetime import datetime

from airflow.sdk import DAG

with DAG("daily", start_date=datetime.now()):
    pass
""",
    good="""\
from datetime import datetime

from airflow.sdk import DAG

with DAG("daily", start_date=datetime(2024, 1, 1)):
    pass
""",
    check=check,
)
