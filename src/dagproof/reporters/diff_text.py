"""How DAGs differ from what they were, for a person at a terminal: most harmful first."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from dagproof.model import DagDiff, DagShape, Fate, Report, Severity, ShapeChange
from dagproof.reporters.bases import base
from dagproof.reporters.characters import visible
from dagproof.reporters.words import count, sentence

_LONGEST: Final = 100
"""Characters of a value; of longer ones those are shown where they begin to differ."""

_BEFORE: Final = 20
"""Characters that are shown before the place where two values begin to differ."""


def render(report: Report) -> str:
    """Return a block for each DAG that differs, what is not compared, and the sum."""
    blocks = [diff_text(one) for one in report.diffs]
    last = [*map(visible, report.notes), _summary(report)]
    return "\n\n".join([*blocks, "\n".join(last)]) + "\n"


def diff_text(diff: DagDiff) -> str:
    """Return how one DAG differs, without a final newline."""
    return "\n".join([_head(diff), *(line for one in diff.changes for line in _change(diff, one))])


def _head(diff: DagDiff) -> str:
    shape = diff.after or diff.before
    place = f" ({visible(shape.path)})" if shape is not None and shape.path else ""
    return f"{visible(diff.dag_id)}{place} {diff.fate}{_moved(diff)}"


def _moved(diff: DagDiff) -> str:
    before, after = diff.before, diff.after
    if before is None or after is None or before.path == after.path:
        return _size(after or before) if diff.fate in {Fate.ADDED, Fate.REMOVED} else ""
    return f", was in {visible(before.path)}"


def _size(shape: DagShape | None) -> str:
    if shape is None:
        return ""
    schedule = f"`{visible(shape.schedule)}`" if shape.schedule else "no schedule"
    return f": {count(len(shape.tasks), 'task')}, {schedule}"


def _change(diff: DagDiff, change: ShapeChange) -> Iterator[str]:
    whole = change.where == "dag_id" and diff.fate in {Fate.ADDED, Fate.REMOVED}
    if not whole:  # the head says it
        yield f"  {_sign(change)} {visible(change.message)}"
        if change.message.endswith("has changed"):
            one, other = _difference(change.before, change.after)
            yield f"      - {visible(one)}"
            yield f"      + {visible(other)}"
    if change.harm:
        yield f"      {change.severity}: {visible(sentence(change.harm))}"


def _sign(change: ShapeChange) -> str:
    if change.severity is not Severity.NOTE:
        return "!"
    return "+" if not change.before else "-" if not change.after else "~"


def _difference(one: str, other: str) -> tuple[str, str]:
    """Return two values from where they begin to differ, as far as there is room."""
    if max(len(one), len(other)) <= _LONGEST:
        return one, other
    same = next(
        (at for at, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
        min(len(one), len(other)),
    )
    start = max(0, same - _BEFORE)
    return _cut(one, start), _cut(other, start)


def _cut(text: str, start: int) -> str:
    part = text[start : start + _LONGEST]
    return f"{'…' if start else ''}{part}{'…' if len(text) > start + _LONGEST else ''}"


def _summary(report: Report) -> str:
    diffs, comparison = report.diffs, report.comparison
    told_base = ""
    if comparison is not None and comparison.commit:
        named, short = base(comparison), visible(comparison.short)
        told_base = f" from {named}" + ("" if short in named else f" ({short})")
    if not diffs:
        compared = " that is compared" if report.notes else ""
        return f"No DAG{compared} differs{told_base}"
    fates = Counter(one.fate for one in diffs)
    told = ", ".join(f"{fates[fate]} {fate}" for fate in Fate if fates[fate])
    harms = Counter(change.severity for one in diffs for change in one.changes)
    harmful = [
        count(harms[one], one) for one in Severity if harms[one] and one is not Severity.NOTE
    ]
    more = f"; {', '.join(harmful)}" if harmful else ""
    differ = "differs" if len(diffs) == 1 else "differ"
    return f"{count(len(diffs), 'DAG')} {differ}{told_base}: {told}{more}"
