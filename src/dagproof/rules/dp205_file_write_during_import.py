"""DP205: a file or folder was written, moved or removed while the DAG file was imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what the import of the file did of this kind."""
    for effect in audited.effects(Kind.FILESYSTEM_WRITE):
        purpose = " for writing" if effect.event == "open" else ""
        yield hit(audited, effect, f"{called(effect)}{purpose}")


RULE: Final = Rule(
    code="DP205",
    slug="file-write-during-import",
    severity=Severity.ERROR,
    kind=Kind.FILESYSTEM_WRITE,
    on=True,
    why=(
        "It happens on the DAG processor, again and again and side by side. A worker does it once "
        "more before each task, perhaps over what another task has just written."
    ),
    fix="Move it into a task.",
    bad="""\
import os

from airflow.sdk import DAG

os.makedirs("/data/raw", exist_ok=True)

with DAG("load"):
    pass
""",
    good="""\
import os

from airflow.sdk import DAG, task


@task
def prepare():
    os.makedirs("/data/raw", exist_ok=True)


with DAG("load"):
    prepare()
""",
    check=check,
)
