"""DP206: a file or folder was read while the DAG file was imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import Audited, called, hit


def check(audited: Audited) -> Iterator[Hit]:
    """Yield what the import of the file did of this kind."""
    for effect in audited.effects(Kind.FILESYSTEM_READ):
        yield hit(audited, effect, called(effect))


RULE: Final = Rule(
    code="DP206",
    slug="file-read-during-import",
    severity=Severity.NOTE,
    kind=Kind.FILESYSTEM_READ,
    on=True,
    why=(
        "It is read at every import. That is fine for a small file beside the DAG; data, remote "
        "folders and files that exist on workers only do not belong here."
    ),
    fix=(
        "Read it inside the task, unless it is a small file that is deployed together with the DAG."
    ),
    bad="""\
import os

from airflow.sdk import DAG

FILES = sorted(os.listdir(os.path.dirname(__file__)))

with DAG("load", params={"files": FILES}):
    pass
""",
    good="""\
import os

from airflow.sdk import DAG, task


@task
def files():
    return sorted(os.listdir(os.path.dirname(__file__)))


with DAG("load"):
    files()
""",
    check=check,
)
