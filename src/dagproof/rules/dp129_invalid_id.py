"""DP129: the id of a DAG, a task or a group has characters that Airflow refuses, or too many."""

import re
from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity, Span
from dagproof.rules.arguments import argument, keyword_node, text
from dagproof.rules.definitions import definitions
from dagproof.rules.reading import Reading

_LONGEST: Final = 250
_KEY: Final = re.compile(r"[\w.-]+\n?")
_GROUP: Final = re.compile(r"[\w-]+\n?")


def check(reading: Reading) -> Iterator[Hit]:
    """Yield the ids that Airflow refuses."""
    found = definitions(reading)
    told: set[Span] = set()
    for made in (*found.dags, *found.tasks):
        if made.id is not None and not _fits(_KEY, made.id) and made.span not in told:
            told.add(made.span)
            yield Hit(made.span, _message(made.id, "letters, digits, `_`, `-` and `.`"))
    for event in reading.unit.events:
        if event.name.endswith(".TaskGroup"):
            name = text(argument(event.arguments, "group_id", 0))
            span = event.source.span(keyword_node(event, "group_id"))
            if name and span not in told and not _fits(_GROUP, name):
                told.add(span)
                yield Hit(span, _message(name, "letters, digits, `_` and `-`"))


def _fits(pattern: re.Pattern[str], name: str) -> bool:
    return len(name) <= _LONGEST and pattern.fullmatch(name) is not None


def _message(name: str, allowed: str) -> str:
    if not name:
        return "The id is empty"
    if len(name) > _LONGEST:
        return f"An id has at most {_LONGEST} characters, this one has {len(name)}"
    return f"The id `{name}` has other characters than {allowed}"


RULE: Final = Rule(
    code="DP129",
    slug="invalid-id",
    severity=Severity.ERROR,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why="Airflow refuses the DAG while it imports the file: none of the file's DAGs is there.",
    fix=(
        "Write the id with letters, digits, `_`, `-` and `.`; words for people go into "
        "`dag_display_name` or `task_display_name`."
    ),
    bad='from airflow.sdk import DAG\n\nwith DAG("load rates"):\n    pass\n',
    good='from airflow.sdk import DAG\n\nwith DAG("load_rates"):\n    pass\n',
    check=check,
)
