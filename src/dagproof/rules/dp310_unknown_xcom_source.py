"""DP310: a template pulls XCom of a task that the DAG does not have."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the templates that pull it."""
    return contracted.hits("unknown-xcom-source")


RULE: Final = Rule(
    code="DP310",
    slug="unknown-xcom-source",
    severity=Severity.ERROR,
    kind=Kind.XCOM,
    on=True,
    why=(
        "Airflow answers with `None`, and the template goes on with it: nothing fails where "
        "the mistake is."
    ),
    fix="Name a task of the DAG, with the ids of its groups: `group.task`.",
    bad="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load"):
    rows = BashOperator(task_id="count_rows", bash_command="wc -l rides.csv")
    say = BashOperator(task_id="say", bash_command="echo {{ ti.xcom_pull('count') }}")
    rows >> say
""",
    good="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load"):
    rows = BashOperator(task_id="count_rows", bash_command="wc -l rides.csv")
    say = BashOperator(task_id="say", bash_command="echo {{ ti.xcom_pull('count_rows') }}")
    rows >> say
""",
    check=check,
)
