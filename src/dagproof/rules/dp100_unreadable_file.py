"""DP100: a DAG file is no Python that can be read."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading


def check(reading: Reading) -> Iterator[Hit]:
    """Yield why the file cannot be parsed, if it cannot."""
    if reading.source.problem is not None:
        yield Hit(
            reading.source.span_of_problem(), f"This file cannot be read: {reading.source.problem}"
        )


RULE: Final = Rule(
    code="DP100",
    slug="unreadable-file",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why="Airflow cannot import the file either: none of its DAGs is there.",
    fix="Mend the file, or exclude it by `.airflowignore`.",
    bad='from airflow.sdk import DAG\n\nwith DAG("load")\n    pass\n',
    good='from airflow.sdk import DAG\n\nwith DAG("load"):\n    pass\n',
    check=check,
)
