"""DP401: a task fails when its DAG is run."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.repeated import Repeated


def check(repeated: Repeated) -> Iterator[Hit]:
    """Yield the tasks that failed, and the runs that ended badly without one."""
    return repeated.hits("failed-task")


RULE: Final = Rule(
    code="DP401",
    slug="failed-task",
    severity=Severity.ERROR,
    kind=Kind.RUN,
    on=True,
    why=(
        "The DAG was run by `dag.test()` among real services, with the conf that the repository "
        "names for it, and did not come to its end. It will not in production either."
    ),
    fix="Look at the task's traceback; `dagproof run DAG --pdb` stops where it fails.",
    bad="""\
from airflow.sdk import DAG, task


@task
def count(rows: int):
    return 100 / rows


with DAG("rates"):
    count(0)
""",
    good="""\
from airflow.sdk import DAG, task


@task
def count(rows: int):
    return 100 / rows if rows else None


with DAG("rates"):
    count(0)
""",
    check=check,
)
