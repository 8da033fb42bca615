"""DP104: a Variable, a Connection or the database is asked while the DAG file is imported."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown
from dagproof.rules.variable_templates import as_template


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP104"):
        found = hit(reading, event, f"{shown(event)} runs")
        yield replace(found, edits=as_template(reading, event))


RULE: Final = Rule(
    code="DP104",
    slug="airflow-metadata-at-import",
    severity=Severity.ERROR,
    kind=Kind.AIRFLOW_METADATA,
    on=True,
    why=(
        "Each import asks the metadata database or the secrets backend again; in Airflow 3 the "
        "lookup of a Variable outside a task fails or gives the default."
    ),
    fix=(
        "Use a template such as `{{ var.value.name }}` or `{{ conn.name.host }}`, or ask inside "
        "the task."
    ),
    bad="""\
from airflow.sdk import DAG, Variable
from airflow.providers.standard.operators.bash import BashOperator

bucket = Variable.get("bucket")

with DAG("load"):
    BashOperator(task_id="load", bash_command=f"load {bucket}")
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("load"):
    BashOperator(task_id="load", bash_command="load {{ var.value.bucket }}")
""",
    check=check,
)
