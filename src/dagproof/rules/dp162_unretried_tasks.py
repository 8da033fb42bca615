"""DP162: no task of a DAG is ever retried, as far as the file says.

`default_task_retries` in the configuration of Airflow is not seen.
"""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.governance import dags, defaults, hit, some_task_has
from dagproof.rules.reading import Reading


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the DAGs that do not say how often their tasks are tried."""
    for made in dags(reading):
        given = defaults(made)
        if given is not None and "retries" not in given and not some_task_has(reading, "retries"):
            yield hit(made, f"The DAG `{made.id}` does not say how often its tasks are retried")


RULE: Final = Rule(
    code="DP162",
    slug="unretried-tasks",
    severity=Severity.WARNING,
    kind=Kind.DAG_STRUCTURE,
    on=False,
    why="By default one lost connection fails the run, and a person must clear it.",
    fix="Set `retries` in `default_args`; write `0` where a task must not run twice.",
    bad='from airflow.sdk import DAG\n\nwith DAG("load"):\n    pass\n',
    good=(
        'from airflow.sdk import DAG\n\nwith DAG("load", default_args={"retries": 2}):\n    pass\n'
    ),
    check=check,
)
