"""DP309: a value that is missing becomes the text `None`."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the templates that print it."""
    return contracted.hits("none-in-template")


RULE: Final = Rule(
    code="DP309",
    slug="none-in-template",
    severity=Severity.WARNING,
    kind=Kind.TEMPLATE,
    on=True,
    why=(
        "A template has no way to be empty: a key of the conf that is not there, or a Param "
        "without a value, is printed as `None` and taken for a name, a path or a condition."
    ),
    fix="Give the value a default: a Param, or `{{ dag_run.conf.get('table', 'rides') }}`.",
    bad="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load"):
    BashOperator(task_id="say", bash_command="echo {{ dag_run.conf.get('table') }}")
""",
    good="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load"):
    BashOperator(task_id="say", bash_command="echo {{ dag_run.conf.get('table', 'rides') }}")
""",
    check=check,
)
