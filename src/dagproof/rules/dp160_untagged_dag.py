"""DP160: a DAG has no tags."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.governance import dags, hit
from dagproof.rules.reading import Reading
from dagproof.source.values import Container


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the DAGs without tags."""
    for made in dags(reading):
        tags = made.arguments.get("tags")
        empty = isinstance(tags, Container) and not tags.items
        if "tags" not in made.arguments or empty:
            yield hit(made, f"The DAG `{made.id}` has no tags")


RULE: Final = Rule(
    code="DP160",
    slug="untagged-dag",
    severity=Severity.WARNING,
    kind=Kind.DAG_STRUCTURE,
    on=False,
    why="Among hundreds of DAGs people find theirs by tags, and so do alerts and cost reports.",
    fix="Give it `tags`.",
    bad='from airflow.sdk import DAG\n\nwith DAG("load"):\n    pass\n',
    good='from airflow.sdk import DAG\n\nwith DAG("load", tags=["rates"]):\n    pass\n',
    check=check,
)
