"""What a page says of the change: what was compared, what it can affect, how DAGs differ."""

from collections.abc import Iterator, Sequence
from typing import Final

from dagproof.model import Affected, Comparison, DagDiff, Fate, Impact, Report, Severity
from dagproof.reporters.markdown.blocks import Block
from dagproof.reporters.markdown.escaping import code, details, fence, html, table, text
from dagproof.reporters.markdown.links import Links
from dagproof.reporters.mermaid import diff_charts
from dagproof.reporters.words import count, sentence

_ROWS: Final = 100
_CHANGES: Final = 60
_MARKS: Final = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.NOTE: "·"}
_FATES: Final = {
    Fate.ADDED: "\N{HEAVY PLUS SIGN}",
    Fate.REMOVED: "\N{HEAVY MINUS SIGN}",
    Fate.RENAMED: "✏️",
    Fate.CHANGED: "🔀",
}


def blocks(report: Report, links: Links) -> Iterator[Block]:
    """Yield what was compared, and what that affects."""
    if report.comparison is not None:
        yield Block(_compared(report.comparison), 1, "comparison")
    if report.impact is not None:
        yield from _impact(report.impact, links)


def _compared(comparison: Comparison) -> str:
    if comparison.unknown:
        return f"**Compared with nothing:** {text(sentence(comparison.unknown))}"
    asked = f"{code(comparison.asked)} at " if comparison.asked else ""
    how = f" ({text(comparison.how)})" if comparison.how else ""
    changed = f"{count(len(comparison.files), 'file')} changed"
    return f"**Compared with** {asked}{code(comparison.short)}{how}: {changed}."


def _impact(impact: Impact, links: Links) -> Iterator[Block]:
    share = f"{len(impact.affected):,} of {count(impact.total, 'DAG file')}"
    idle = f"; no DAG depends on {count(len(impact.idle), 'changed file')}" if impact.idle else ""
    why = f" {text(sentence(impact.everything))}" if impact.everything else ""
    yield Block(f"**Affected:** {share}{idle}.{why}", 1, "impact")
    if impact.affected and not impact.everything:
        rows = [
            (code(one.path), ", ".join(map(code, one.dag_ids[:10])), _reason(one, links))
            for one in impact.affected[:_ROWS]
        ]
        body = table(("DAG file", "DAGs", "why"), rows)
        if more := len(impact.affected) - len(rows):
            body += f"\n\n… and {count(more, 'more DAG file')}."
        yield Block(details("Why these DAG files", body), 6, "affected DAG file list")


def _reason(affected: Affected, links: Links) -> str:
    chain = " → ".join(links.place(step.span) for step in affected.chain[:10])
    return f"{text(affected.reason)}{f' ({chain})' if chain else ''}"


def diff_blocks(diffs: Sequence[DagDiff]) -> Iterator[Block]:
    """Yield the DAGs that differ, most important first: a table, their changes, their pictures."""
    if not diffs:
        return
    rows = [_row(diff) for diff in diffs[:_ROWS]]
    shown = table(("", "DAG", "file", "changes", "worst of them"), rows)
    if more := len(diffs) - len(rows):
        shown += f"\n\n… and {count(more, 'more DAG')}."
    yield Block(f"### How the DAGs differ\n\n{shown}", 2, "DAG difference table")
    for diff in diffs[:_ROWS]:
        name = html(f"`{diff.dag_id}`")
        if diff.changes:
            yield Block(details(f"Changes of {name}", _changes(diff)), 4, "change list")
        before, after = diff_charts(diff)
        for when, chart in (("before", before), ("after", after)):
            if chart:
                picture = details(f"{name} {when}", fence(chart, "mermaid"))
                yield Block(picture, 9, "DAG picture")


def _row(diff: DagDiff) -> tuple[str, ...]:
    shape = diff.after or diff.before
    worst = diff.changes[0] if diff.changes else None
    return (
        f"{_FATES[diff.fate]} {diff.fate}",
        code(diff.dag_id),
        code(shape.path) if shape else "",
        f"{len(diff.changes):,}",
        f"{_MARKS[worst.severity]} {text(worst.message, 200)}" if worst else "",
    )


def _changes(diff: DagDiff) -> str:
    rows = [
        (
            _MARKS[one.severity],
            code(one.where),
            text(one.message),
            code(one.before, 120),
            code(one.after, 120),
            text(one.harm),
        )
        for one in diff.changes[:_CHANGES]
    ]
    shown = table(("", "where", "change", "before", "after", "what can go wrong"), rows)
    more = len(diff.changes) - len(rows)
    return f"{shown}\n\n… and {count(more, 'more change')}." if more else shown
