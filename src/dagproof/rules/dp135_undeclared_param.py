"""DP135: a template asks for a Param that neither the DAG nor the task declares."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading
from dagproof.rules.templates import asked, declared, scheduled


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the Params that templates ask for and nothing declares."""
    if b"params" not in reading.source.data:
        return
    names = declared(reading)
    if names is None:
        return
    when = "a scheduled run" if scheduled(reading) else "a run whose conf lacks it"
    for one in asked(reading):
        if one.of == "params" and one.strict and one.key not in names:
            yield Hit(
                one.event.source.span(one.node),
                f"`params.{one.key}` is declared nowhere, and its template fails in {when}",
            )


RULE: Final = Rule(
    code="DP135",
    slug="undeclared-param",
    severity=Severity.WARNING,
    kind=Kind.PARAMS,
    on=True,
    why=(
        "Airflow renders templates strictly: a Param that does not exist is an `UndefinedError` "
        "when the task starts."
    ),
    fix="Declare it in the `params` of the DAG or of the task, or mend its name.",
    bad="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load", params={"table": "rows"}):
    BashOperator(task_id="load", bash_command="load {{ params.tabel }}")
""",
    good="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load", params={"table": "rows"}):
    BashOperator(task_id="load", bash_command="load {{ params.table }}")
""",
    check=check,
)
