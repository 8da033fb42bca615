"""DP132: a template asks for a conf key that no Param of the DAG declares."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading
from dagproof.rules.templates import asked, declared, scheduled


def check(reading: Reading) -> Iterator[Hit]:
    """Yield each conf key that is not declared, where it is asked for first."""
    if b"dag_run.conf" not in reading.source.data:
        return
    names = declared(reading)
    if names is None:
        return
    told: set[str] = set()
    always = scheduled(reading) is True
    for one in asked(reading):
        if one.of != "dag_run.conf" or one.key in names or one.key in told:
            continue
        if always and one.strict:
            continue  # DP131 says more of it
        told.add(one.key)
        without = "its template fails" if one.strict else "its template renders `None`"
        yield Hit(
            one.event.source.span(one.node),
            f"The conf key `{one.key}` is no Param of the DAG: nothing checks it, and {without} "
            "in a run without it",
        )


RULE: Final = Rule(
    code="DP132",
    slug="undeclared-conf-key",
    severity=Severity.NOTE,
    kind=Kind.PARAMS,
    on=True,
    why=(
        "A Param has a type and a default, is checked before the run starts, and has a field in "
        "the form of the UI; a bare conf key is found missing in the middle of the run."
    ),
    fix='Declare it, as in `params={"year": Param(type="integer")}`, and read `params.year`.',
    bad="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load", schedule=None):
    BashOperator(task_id="load", bash_command='load {{ dag_run.conf["year"] }}')
""",
    good="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param

with DAG("load", schedule=None, params={"year": Param(type="integer")}):
    BashOperator(task_id="load", bash_command="load {{ params.year }}")
""",
    check=check,
)
