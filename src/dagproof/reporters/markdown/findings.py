"""The findings of a page: a table, new and severe ones first, and each in full on a click."""

from collections.abc import Iterator, Sequence
from typing import Final

from dagproof.model import Finding, Report, Rule, Severity
from dagproof.reporters.excerpt import underlined
from dagproof.reporters.markdown.blocks import Block
from dagproof.reporters.markdown.escaping import details, fence, fenced, html, table, text
from dagproof.reporters.markdown.links import Links
from dagproof.reporters.words import codes, count, is_step

_MARKS: Final = {
    Severity.ERROR: "❌ error",
    Severity.WARNING: "⚠️ warning",
    Severity.NOTE: "ℹ️ note",  # noqa: RUF001 - the sign is meant
}
_ROWS: Final = 200
_ROW_BYTES: Final = 300_000
_IN_FULL: Final = 100
_CHAIN: Final = 30


def blocks(report: Report, links: Links) -> Iterator[Block]:
    """Yield the table, the findings in full, and what their rules say."""
    found = first_things_first(report.findings)
    if not found:
        return
    compared = any(finding.new is not None for finding in found)
    rows = list(_rows(found[:_ROWS], links, compared=compared))
    head = ("severity", *(("new",) if compared else ()), "rule", "where", "what")
    shown = table(head, rows)
    if more := len(found) - len(rows):
        shown += f"\n\n… and {count(more, 'more finding')}."
    yield Block(f"### Findings\n\n{shown}", 1, "findings table")
    for finding in found[:_IN_FULL]:
        yield Block(_in_full(finding, links), 5, "full finding")
    looked_for = {rule.code: rule for rule in report.rules}
    known = dict.fromkeys(finding.code for finding in found if finding.code in looked_for)
    yield from (Block(_rule(looked_for[one]), 7, "rule page") for one in known)


def first_things_first(findings: Sequence[Finding]) -> list[Finding]:
    """Return findings in order of what to look at: new ones, then severe ones, then by place."""
    severities = list(Severity)
    return sorted(findings, key=lambda one: (one.new is False, severities.index(one.severity)))


def _rows(
    findings: Sequence[Finding], links: Links, *, compared: bool
) -> Iterator[tuple[str, ...]]:
    size = 0
    for finding in findings:
        new = {True: "🆕", False: "known", None: ""}[finding.new]
        row = (
            _MARKS[finding.severity],
            *((new,) if compared else ()),
            f"{links.rule(text(codes(finding)), finding.slug)} {text(finding.slug)}",
            links.place(finding.span),
            text(finding.message, 300),
        )
        size += sum(len(cell.encode()) for cell in row)
        if size > _ROW_BYTES:
            return
        yield row


def _in_full(finding: Finding, links: Links) -> str:
    where = f"{finding.span.path}:{finding.span.line}:{finding.span.column}"
    parts = [text(finding.message)]
    if finding.excerpt.strip():
        parts.append(fence("\n".join(underlined(finding.excerpt, finding.span)), "python"))
    chain = [
        f"- {'reached from' if is_step(one) else 'see'} {links.place(one.span)}: "
        f"{text(one.message)}"
        for one in finding.related[:_CHAIN]
    ]
    if more := max(0, len(finding.related) - _CHAIN):
        chain.append(f"- … {count(more, 'more place')}")
    parts.append("\n".join(chain))
    if finding.detail.strip():
        parts.append(fenced(finding.detail))
    parts.append(f"**Fix:** {text(finding.fix)}")
    name = html(f"{codes(finding)} {finding.slug}", 120)
    summary = f"{name} · {html(f'`{where}`', 200)} · {html(finding.message, 160)}"
    return details(summary, "\n\n".join(filter(None, parts)))


def _rule(rule: Rule[object]) -> str:
    body = "\n\n".join(
        [
            f"**Why:** {text(rule.why, 2_000)}",
            "Bad:",
            fence(rule.bad.strip("\n"), "python"),
            "Good:",
            fence(rule.good.strip("\n"), "python"),
            f"`dagproof rule {rule.code}` shows how to allow it.",
        ]
    )
    return details(html(f"What {rule.code} {rule.slug} is about"), body)
