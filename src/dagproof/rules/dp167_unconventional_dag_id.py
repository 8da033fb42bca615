"""DP167: the id of a DAG is not written in lower case with underscores."""

import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.governance import dags, hit
from dagproof.rules.reading import Reading

_SNAKE: Final = re.compile(r"[a-z][a-z0-9]*(?:[_.][a-z0-9]+)*")


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the DAGs whose ids mix styles; dots may stand between words, as in `team.load`."""
    for made in dags(reading):
        if made.id is not None and _SNAKE.fullmatch(made.id) is None:
            yield hit(made, f"The id `{made.id}` is not written in lower case with underscores")


RULE: Final = Rule(
    code="DP167",
    slug="unconventional-dag-id",
    severity=Severity.NOTE,
    kind=Kind.DAG_STRUCTURE,
    on=False,
    why="Ids stand in addresses, metrics and log paths, where one style can be searched for.",
    fix="Write the id as `snake_case`; Airflow takes a new id for a new DAG without history.",
    bad='from airflow.sdk import DAG\n\nwith DAG("Load-Rates"):\n    pass\n',
    good='from airflow.sdk import DAG\n\nwith DAG("load_rates"):\n    pass\n',
    check=check,
)
