"""DP302: a template uses a name that nothing defines."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the templates that use such a name."""
    return contracted.hits("undefined-template-name")


RULE: Final = Rule(
    code="DP302",
    slug="undefined-template-name",
    severity=Severity.ERROR,
    kind=Kind.TEMPLATE,
    on=True,
    why=(
        "Airflow renders templates when the task runs, and fails it then, as often as it is "
        "retried. Nothing looks at them before."
    ),
    fix="Use a name that Airflow, a Param or a macro defines, or a `default` filter.",
    bad="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load"):
    BashOperator(task_id="say", bash_command="echo {{ execution_dat }}")
""",
    good="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load"):
    BashOperator(task_id="say", bash_command="echo {{ logical_date }}")
""",
    check=check,
)
