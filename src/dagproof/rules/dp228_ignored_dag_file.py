"""DP228: a file that looks like one of DAGs is covered by a pattern of an ignore file."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Hit, Kind, Rule, Severity
from dagproof.rules.audited import SAFE_MODE, Audited, code


def check(audited: Audited) -> Iterator[Hit]:
    """Yield one hit for a file that a pattern covers."""
    skipped = audited.trace.skipped
    if skipped and skipped != SAFE_MODE:
        yield Hit(audited.top, f"Airflow never imports this file, as {code(skipped)} covers it")


RULE: Final = Rule(
    code="DP228",
    slug="ignored-dag-file",
    severity=Severity.NOTE,
    kind=Kind.DAG_STRUCTURE,
    on=True,
    why=(
        "A pattern in `.airflowignore` takes a file away without a word. That is fine for one that "
        "was put aside; a pattern that covers more than it was meant to is hard to notice."
    ),
    fix="Narrow the pattern, or delete the file if nobody needs it.",
    bad="""\
# .airflowignore beside this file: *.py
from airflow.sdk import DAG

with DAG("load"):
    pass
""",
    good="""\
from airflow.sdk import DAG

with DAG("load"):
    pass
""",
    check=check,
)
