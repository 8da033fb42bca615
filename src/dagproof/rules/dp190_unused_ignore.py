"""DP190: an ignore comment covers nothing."""

from collections.abc import Iterator, Sequence
from typing import Final

from dagproof.model import Edit, Hit, Kind, Rule, Severity, Span
from dagproof.source.comments import Ignore, JudgedIgnore


def check(judged: JudgedIgnore) -> Iterator[Hit]:
    """Yield the words of a comment whose rules found nothing that it covers."""
    ignore = judged.ignore
    span = Span(judged.path, ignore.line, ignore.column, ignore.line, ignore.end_column)
    kept = [word for word in ignore.words if word not in judged.unused]
    edit = _shortened(judged.path, ignore, kept) if kept else _removed(judged.path, ignore)
    for word in judged.unused:
        yield Hit(span, f"`{word}` is ignored {_where(ignore)}", edits=(edit,))


def _where(ignore: Ignore) -> str:
    if ignore.applies_to:
        place = "in this file" if ignore.whole_file else f"on line {ignore.applies_to.start}"
        return f"{place}, where it is not found"
    if ignore.whole_file:
        return "nowhere: a comment for the whole file belongs above the first statement"
    return "nowhere: no code follows the comment"


def _shortened(path: str, ignore: Ignore, kept: Sequence[str]) -> Edit:
    """Leave the words that are of use in the brackets."""
    start = ignore.excerpt.index("[", ignore.column) + 2
    end = ignore.excerpt.index("]", start - 1) + 1
    return Edit(Span(path, ignore.line, start, ignore.line, end), ", ".join(kept))


def _removed(path: str, ignore: Ignore) -> Edit:
    """Take the comment away with the blanks before it, or its line where there is nothing else."""
    before = ignore.excerpt[: ignore.column - 1]
    after = ignore.excerpt[ignore.end_column - 1 :]
    if not before.strip() and not after.strip():
        return Edit(Span(path, ignore.line, 1, ignore.line + 1, 1), "")
    kept = len(before.rstrip()) if before.strip() else len(before)
    return Edit(Span(path, ignore.line, kept + 1, ignore.line, ignore.end_column), "")


RULE: Final = Rule(
    code="DP190",
    slug="unused-ignore",
    severity=Severity.WARNING,
    kind=Kind.CONFIG,
    on=True,
    why=(
        "The comment outlived what it excused. Left there, it hides the next finding of that kind "
        "on its line, with a reason that was given for something else."
    ),
    fix="Remove the code from the comment, or the comment.",
    bad="""\
from airflow.sdk import DAG

with DAG("load"):  # dagproof: ignore[DP101] the tracking server is local
    pass
""",
    good="""\
from airflow.sdk import DAG

with DAG("load"):
    pass
""",
    check=check,
)
