"""DP208: the environment of the process was changed while the DAG file was imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, code, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what the import of the file did of this kind."""
    for effect in audited.effects(Kind.ENVIRONMENT):
        if effect.event in _VARIABLES:
            yield hit(audited, effect, code(effect.detail), _VARIABLES[effect.event])
        else:
            yield hit(audited, effect, called(effect))


_VARIABLES: Final = {
    "os.putenv": "was set in the environment",
    "os.unsetenv": "was removed from the environment",
}

RULE: Final = Rule(
    code="DP208",
    slug="environment-write-during-import",
    severity=Severity.WARNING,
    kind=Kind.ENVIRONMENT,
    on=True,
    why=(
        "Whatever imports several files in one process, such as a test suite, carries one file's "
        "setting over to the next; a process that a task starts elsewhere never sees it."
    ),
    fix="Give the variable to the task, or set it in the deployment.",
    bad="""\
import os

from airflow.sdk import DAG

os.environ["TZ"] = "Europe/Berlin"

with DAG("report"):
    pass
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("report"):
    BashOperator(task_id="report", bash_command="report", env={"TZ": "Europe/Berlin"})
""",
    check=check,
)
