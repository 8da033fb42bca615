"""How DAGs differ from what they were: two pictures side by side, and a list of the changes."""

from typing import Final

from dagproof.model import DagDiff, Report, Severity, ShapeChange
from dagproof.reporters.html.diff_pictures import both_states
from dagproof.reporters.html.escape import Html, joined, prose, tag
from dagproof.reporters.html.parts import (
    MINUS,
    SEVERITIES,
    fold,
    marked,
    more,
    row,
    section,
    severity,
    table,
)
from dagproof.reporters.words import count

_FATES: Final = {
    "added": ("+", "ok"),
    "removed": (MINUS, "bad"),
    "renamed": ("→", "note"),
    "changed": ("~", "warn"),
}
_SHOWN: Final = 100
_DRAWN: Final = 60
"""DAGs that are drawn."""


def diffs(report: Report) -> Html:
    """Return the part of the page that tells how DAGs differ."""
    shown = [
        _dag(diff, pictures=at < _DRAWN, unfolded=at < 2 or bool(_harm(diff)))  # noqa: PLR2004
        for at, diff in enumerate(report.diffs[: _SHOWN * 3])
    ]
    left = more(len(report.diffs) - _SHOWN * 3, "DAG")
    note = f"{count(len(report.diffs), 'DAG')} differ" + ("s" if len(report.diffs) == 1 else "")
    return section("diff", "Changed DAGs", note, *shown, left)


def _harm(diff: DagDiff) -> Severity | None:
    """Return the severity of the worst change that does harm."""
    return next(
        (
            one
            for one in (Severity.ERROR, Severity.WARNING)
            if any(change.severity is one for change in diff.changes)
        ),
        None,
    )


def _dag(diff: DagDiff, *, pictures: bool, unfolded: bool) -> Html:
    harm = _harm(diff)
    once = diff.before.dag_id if diff.before and diff.before.dag_id != diff.dag_id else None
    summary = joined(
        (
            marked(*_FATES[diff.fate], tag("b", diff.dag_id), f" {diff.fate}"),
            joined(("was ", tag("code", once))) if once else None,
            tag("small", count(len(diff.changes), "change")) if diff.changes else None,
            severity(harm) if harm else None,
        ),
        " ",
    )
    drawings = both_states(diff) if pictures else None
    return fold(summary, drawings, _changes(diff), unfolded=unfolded, kind="card")


def _changes(diff: DagDiff) -> Html | None:
    if not diff.changes:
        return None
    rows = map(_change, diff.changes[:_SHOWN])
    head = ("harm", "place", "what", "before", "after")
    shown = table(f"Changes of {diff.dag_id}", head, rows)
    return joined((shown, more(len(diff.changes) - _SHOWN, "change")))


def _change(change: ShapeChange) -> Html:
    sign, kind = SEVERITIES[change.severity]
    harm = tag("div", prose(change.harm), class_="harm") if change.harm else None
    return row(
        marked(sign, kind, str(change.severity)),
        tag("code", change.where),
        joined((prose(change.message), harm)),
        tag("del", tag("code", change.before[:300])) if change.before else None,
        tag("ins", tag("code", change.after[:300])) if change.after else None,
    )
