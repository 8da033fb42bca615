"""DP164: nothing ends a run of a DAG that hangs."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.governance import dags, defaults, hit, some_task_has
from dagproof.rules.reading import Reading


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the DAGs that have a timeout neither for a run nor for any task."""
    for made in dags(reading):
        given = defaults(made)
        if given is None or "execution_timeout" in given or "dagrun_timeout" in made.arguments:
            continue
        if not some_task_has(reading, "execution_timeout"):
            yield hit(made, f"Nothing ends a run of the DAG `{made.id}` that hangs")


RULE: Final = Rule(
    code="DP164",
    slug="missing-timeout",
    severity=Severity.WARNING,
    kind=Kind.DAG_STRUCTURE,
    on=False,
    why="A task that waits for ever keeps its worker slot, and the runs after it wait as well.",
    fix="Set `dagrun_timeout`, or `execution_timeout` in `default_args`.",
    bad='from airflow.sdk import DAG\n\nwith DAG("load"):\n    pass\n',
    good=(
        "from datetime import timedelta\nfrom airflow.sdk import DAG\n\n"
        'with DAG("load", dagrun_timeout=timedelta(hours=2)):\n    pass\n'
    ),
    check=check,
)
