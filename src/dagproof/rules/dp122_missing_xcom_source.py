"""DP122: `xcom_pull` asks for a task that the DAG does not have.

Silent unless all tasks of the file are known. Tasks in groups are compared without the ids of
their groups.
"""

import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.definitions import definitions
from dagproof.rules.mentions import nearest
from dagproof.rules.reading import Reading
from dagproof.rules.xcom_pulls import names_pulled, pulls

_COPY: Final = re.compile(r"__\d+$")
"""What Airflow adds to the id of a task function that is called again."""


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the places where the XCom of an unknown task is asked for."""
    asked = set() if reading.imported else names_pulled(reading.source.data)
    defined = definitions(reading)
    known = defined.task_ids
    if not asked or not defined.dags or not known or not defined.tasks_known:
        return
    missing = {name for name in asked if _bare(name, grouped=defined.grouped) not in known}
    for name, node in pulls(reading.source.tree) if missing else ():
        if name in missing and not _written(name, reading.source.data):
            yield Hit(
                reading.source.span(node),
                f"`xcom_pull()` asks for the task `{name}`, which is not there"
                f"{nearest(name, known)}",
            )


def _bare(name: str, *, grouped: bool) -> str:
    """Return an id without the ids of its groups, and without what Airflow adds to it."""
    return _COPY.sub("", name.rpartition(".")[2] if grouped else name)


def _written(name: str, data: bytes) -> bool:
    """Return whether a task of this id is made somewhere that was not followed."""
    pattern = rb"task_id\s*[=:]\s*['\"]" + re.escape(name.encode()) + rb"['\"]"
    return re.search(pattern, data) is not None


RULE: Final = Rule(
    code="DP122",
    slug="missing-xcom-source",
    severity=Severity.ERROR,
    kind=Kind.XCOM,
    on=True,
    why=(
        "Nobody says so when the task runs: the value is None, or the text `None` in a template, "
        "and goes on from there."
    ),
    fix="Name a task of this DAG by its `task_id`, with the ids of its groups before it.",
    bad="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("load"):
    BashOperator(task_id="extract", bash_command="echo 1") >> BashOperator(
        task_id="load", bash_command="load {{ ti.xcom_pull(task_ids='extracted') }}"
    )
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("load"):
    BashOperator(task_id="extract", bash_command="echo 1") >> BashOperator(
        task_id="load", bash_command="load {{ ti.xcom_pull(task_ids='extract') }}"
    )
""",
    check=check,
)
