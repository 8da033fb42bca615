"""DP108: the environment of the process is changed while the DAG file is imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP108"):
        yield hit(reading, event, f"{shown(event)} runs")


RULE: Final = Rule(
    code="DP108",
    slug="environment-write-at-import",
    severity=Severity.WARNING,
    kind=Kind.ENVIRONMENT,
    on=True,
    why=(
        "All DAG files of a DAG processor share one process for a while, and tasks run in another: "
        "one file's setting changes what others see, or is not there when the task runs."
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
