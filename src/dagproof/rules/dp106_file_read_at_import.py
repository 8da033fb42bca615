"""DP106: a file or folder is read while the DAG file is imported."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.reading import Reading, hit, shown


def check(reading: Reading) -> Iterator[Hit]:
    """Yield what the import of the file does of this kind."""
    for event in reading.effects("DP106"):
        yield hit(reading, event, f"{shown(event)} runs")


RULE: Final = Rule(
    code="DP106",
    slug="file-read-at-import",
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
import yaml
from airflow.sdk import DAG

with open("/data/tables.yaml") as file:
    TABLES = yaml.safe_load(file)

with DAG("load", params={"tables": TABLES}):
    pass
""",
    good="""\
import yaml
from airflow.sdk import DAG, task


@task
def tables():
    with open("/data/tables.yaml") as file:
        return yaml.safe_load(file)


with DAG("load"):
    tables()
""",
    check=check,
)
