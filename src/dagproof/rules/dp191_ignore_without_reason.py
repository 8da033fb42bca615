"""DP191: an ignore comment does not say why."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity, Span
from dagproof.source.comments import JudgedIgnore


def check(judged: JudgedIgnore) -> Iterator[Hit]:
    """Yield a comment that names rules and gives no reason."""
    ignore = judged.ignore
    if ignore.words and not ignore.reason:
        span = Span(judged.path, ignore.line, ignore.column, ignore.line, ignore.end_column)
        yield Hit(
            span, f"`{', '.join(ignore.words)}` is ignored without a reason, so it still counts"
        )


RULE: Final = Rule(
    code="DP191",
    slug="ignore-without-reason",
    severity=Severity.ERROR,
    kind=Kind.CONFIG,
    on=True,
    why=(
        "Whoever reads the comment next year cannot tell whether it still holds. "
        "A comment without a reason covers nothing."
    ),
    fix="Write why behind the bracket: `# dagproof: ignore[DP101] the server is local`.",
    bad="""\
import time

from airflow.sdk import DAG

time.sleep(1)  # dagproof: ignore[DP109]

with DAG("load"):
    pass
""",
    good="""\
import time

from airflow.sdk import DAG

time.sleep(1)  # dagproof: ignore[DP109] the licence server counts imports

with DAG("load"):
    pass
""",
    check=check,
)
