"""DP308: a template cannot be rendered."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the templates that cannot be rendered."""
    return contracted.hits("broken-template")


RULE: Final = Rule(
    code="DP308",
    slug="broken-template",
    severity=Severity.ERROR,
    kind=Kind.TEMPLATE,
    on=True,
    why=(
        "Airflow renders templates when the task runs: a syntax error, a file that is "
        "missing or an expression that fails ends the task each time."
    ),
    fix="Correct the template, or keep the conf that breaks it out by the schema of the Param.",
    bad="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load"):
    BashOperator(task_id="say", bash_command="echo {{ ds")
""",
    good="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load"):
    BashOperator(task_id="say", bash_command="echo {{ ds }}")
""",
    check=check,
)
