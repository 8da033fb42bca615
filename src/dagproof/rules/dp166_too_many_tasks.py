"""DP166: a file makes very many tasks in one DAG."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.definitions import definitions
from dagproof.rules.governance import dags, hit
from dagproof.rules.reading import Reading

_MOST: Final = 100


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the only DAG of a file that has too many tasks; a loop counts as one task."""
    found = definitions(reading)
    if len(found.dags) != 1 or len(found.task_ids) <= _MOST:
        return
    for made in dags(reading):
        yield hit(made, f"The DAG `{made.id}` has {len(found.task_ids)} tasks, more than {_MOST}")


RULE: Final = Rule(
    code="DP166",
    slug="too-many-tasks",
    severity=Severity.NOTE,
    kind=Kind.DAG_STRUCTURE,
    on=False,
    why="The scheduler looks at each task of a run in every loop, and nobody can read the graph.",
    fix="Split the DAG by assets or triggers, or map one task over a list by `expand()`.",
    bad=(
        "from airflow.sdk import DAG\n"
        "from airflow.providers.standard.operators.empty import EmptyOperator\n\n"
        'with DAG("load"):\n'
        + "".join(f'    EmptyOperator(task_id="t{number}")\n' for number in range(_MOST + 1))
    ),
    good=(
        "from airflow.sdk import DAG\n"
        "from airflow.providers.standard.operators.bash import BashOperator\n\n"
        'with DAG("load"):\n'
        '    BashOperator.partial(task_id="load").expand(bash_command=["load a", "load b"])\n'
    ),
    check=check,
)
