"""DP192: a comment for dagproof names no rule that there is."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity, Span
from dagproof.source.comments import JudgedIgnore


def check(judged: JudgedIgnore) -> Iterator[Hit]:
    """Yield the words of a comment that name no rule, or the comment that names none at all."""
    ignore = judged.ignore
    span = Span(judged.path, ignore.line, ignore.column, ignore.line, ignore.end_column)
    if not ignore.words:
        yield Hit(span, "This comment for dagproof names no rule, so it covers nothing")
    for word, near in judged.unknown:
        offer = f"; did you mean `{near}`" if near else ""
        yield Hit(span, f"There is no rule `{word}` to ignore{offer}")


RULE: Final = Rule(
    code="DP192",
    slug="unknown-ignore",
    severity=Severity.ERROR,
    kind=Kind.CONFIG,
    on=True,
    why="The comment covers nothing, while it looks as if somebody had decided something.",
    fix="Write `# dagproof: ignore[CODE] reason`, with a code or slug that `dagproof rule` lists.",
    bad="""\
import time

from airflow.sdk import DAG

time.sleep(1)  # dagproof: ignore[sleep-in-import] the licence server counts imports

with DAG("load"):
    pass
""",
    good="""\
import time

from airflow.sdk import DAG

time.sleep(1)  # dagproof: ignore[sleep-at-import] the licence server counts imports

with DAG("load"):
    pass
""",
    check=check,
)
