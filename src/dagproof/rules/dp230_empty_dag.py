"""DP230: a DAG of the file has no task."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, code


def check(audited: Audited) -> Iterator[Hit]:
    """Yield the DAGs without a task, where they are made."""
    for dag_id in audited.trace.empty:
        span = audited.trace.spans.get(dag_id) or audited.top
        yield Hit(span, f"The DAG {code(dag_id)} has no task")


RULE: Final = Rule(
    code="DP230",
    slug="empty-dag",
    severity=Severity.NOTE,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why=(
        "Airflow runs it, tells of successes, and nothing is done: tasks that were meant to be in "
        "it stand outside of its block, or a loop that makes them found nothing."
    ),
    fix="Put its tasks into its `with` block, or take the DAG out.",
    bad="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

FILES = []

with DAG("load") as dag:
    for file in FILES:
        BashOperator(task_id=file, bash_command=f"load {file}")
""",
    good="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

FILES = ["orders"]

with DAG("load") as dag:
    for file in FILES:
        BashOperator(task_id=file, bash_command=f"load {file}")
""",
    check=check,
)
