"""DP220: the DAG file does not import, or Airflow refuses a DAG of it.

Not told: errors that a refusal of the audit caused, whose effect is a finding already, and those
that would have ended the process (DP222).
"""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, ImportFailure, Kind, Rule, Severity
from dagproof.rules.audited import EXHAUSTIONS, Audited, code


def check(audited: Audited) -> Iterator[Hit]:
    """Yield the exceptions that keep DAGs of the file from being there."""
    for failure in audited.trace.errors:
        if failure.caused or failure.type in EXHAUSTIONS:
            continue
        yield Hit(
            failure.span, _told(audited, failure), failure.chain, detail=failure.traceback.rstrip()
        )


def _told(audited: Audited, failure: ImportFailure) -> str:
    text = failure.message.strip()
    raised = code(f"{failure.type}: {text}" if text else failure.type)
    if failure.dag_id:
        return f"Airflow refuses the DAG {code(failure.dag_id)}: {raised}"
    return f"{raised} ended the import of {audited.file(failure.span)}"


RULE: Final = Rule(
    code="DP220",
    slug="import-error",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why=(
        "Airflow shows an import error where the DAGs of the file were. They are not scheduled any "
        "more, and a task that was queued already fails when its worker imports the file."
    ),
    fix="Make the import work with the packages that Airflow runs with.",
    bad="""\
from airflow.operators.bash_operator import BashOperator
from airflow.sdk import DAG

with DAG("load"):
    BashOperator(task_id="load", bash_command="load")
""",
    good="""\
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG

with DAG("load"):
    BashOperator(task_id="load", bash_command="load")
""",
    check=check,
)
