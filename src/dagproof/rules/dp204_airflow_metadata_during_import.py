"""DP204: a Variable, a Connection or the database was asked while the DAG file was imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what the import of the file did of this kind."""
    for effect in audited.effects(Kind.AIRFLOW_METADATA):
        yield hit(audited, effect, called(effect), "was called")


RULE: Final = Rule(
    code="DP204",
    slug="airflow-metadata-during-import",
    severity=Severity.ERROR,
    kind=Kind.AIRFLOW_METADATA,
    on=True,
    why=(
        "Each import asks the metadata database or the secrets backend again. Outside a task "
        "Airflow 3 has no access to the database: the lookup fails, or gives the default without "
        "a word."
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
