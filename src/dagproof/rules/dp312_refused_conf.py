"""DP312: a Param's schema is not what decides whether a run is created."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.contracted import Contracted


def check(contracted: Contracted) -> Iterator[Hit]:
    """Yield the Params for which Airflow takes a bad conf, or refuses a good one."""
    return contracted.hits("refused-conf")


RULE: Final = Rule(
    code="DP312",
    slug="refused-conf",
    severity=Severity.WARNING,
    kind=Kind.PARAMS,
    on=True,
    why=(
        "Who triggers the DAG learns nothing: a Param of a task is validated when the task starts, "
        "so a bad conf creates a run, and the run fails."
    ),
    fix="Declare the Param, with its schema, in the `params` of the DAG.",
    bad="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

with DAG("report", schedule=None):
    BashOperator(
        task_id="print",
        bash_command="echo {{ params.month }}",
        params={"month": Param(6, type="integer")},
    )
""",
    good="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

with DAG("report", schedule=None, params={"month": Param(6, type="integer")}):
    BashOperator(task_id="print", bash_command="echo {{ params.month }}")
""",
    check=check,
)
