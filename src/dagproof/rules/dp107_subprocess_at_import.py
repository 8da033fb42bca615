"""DP107: a process is started while the DAG file is imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP107"):
        yield hit(reading, event, f"{shown(event)} runs")


RULE: Final = Rule(
    code="DP107",
    slug="subprocess-at-import",
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
