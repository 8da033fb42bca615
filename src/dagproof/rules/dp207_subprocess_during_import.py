"""DP207: a process was started while the DAG file was imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what the import of the file did of this kind."""
    for effect in audited.effects(Kind.SUBPROCESS):
        yield hit(audited, effect, called(effect))


RULE: Final = Rule(
    code="DP207",
    slug="subprocess-during-import",
    severity=Severity.ERROR,
    kind=Kind.SUBPROCESS,
    on=True,
    why=(
        "Each import pays for it and waits for it, on the machine of the DAG processor, where the "
        "program may not even be installed."
    ),
    fix="Start it inside a task, for example by a `BashOperator`.",
    bad="""\
import subprocess

from airflow.sdk import DAG

VERSION = subprocess.check_output(["git", "rev-parse", "HEAD"], text=True)

with DAG("build", tags=[VERSION]):
    pass
""",
    good="""\
from airflow.sdk import DAG
from airflow.providers.standard.operators.bash import BashOperator

with DAG("build"):
    BashOperator(task_id="version", bash_command="git rev-parse HEAD")
""",
    check=check,
)
