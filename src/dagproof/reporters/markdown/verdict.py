"""The head of the page: one verdict, one sentence, and what came of each kind of evidence."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from dagproof.model import Report, Severity, StageState
from dagproof.reporters.findings_text import untold
from dagproof.reporters.markdown.blocks import Block
from dagproof.reporters.markdown.escaping import code, table, text
from dagproof.reporters.unimported import unimported
from dagproof.reporters.words import count

_UNABLE: Final = 2
"""The first exit code that says that nobody could look."""

_STATES: Final = {
    StageState.CLEAN: "✅ clean",
    StageState.FOUND: "❌ found",
    StageState.UNABLE: "⚠️ could not look",
    StageState.SKIPPED: "\N{HEAVY MINUS SIGN} left out",
}
_MOST_NOTES: Final = 20


def blocks(report: Report) -> Iterator[Block]:
    """Yield the verdict, the stages, what could not be read, and notes."""
    yield Block(f"## {_verdict(report)}\n\n{_sentence(report)}")
    if report.stages:
        rows = [
            (code(one.name), _STATES[one.state], f"{one.seconds:.1f}", text(one.note))
            for one in report.stages
        ]
        yield Block(table(("evidence", "result", ">seconds", "what was looked at"), rows))
    if unread := untold(report):
        lines = [f"- {code(one.path)}: {text(one.message)}" for one in unread[:_MOST_NOTES]]
        more = len(unread) - _MOST_NOTES
        lines += [f"- … {count(more, 'more file')}"] if more > 0 else []
        yield Block("\n".join(["**Could not be read:**", "", *lines]), 1, "unread file list")
    if report.notes:
        lines = [f"> {text(note)}" for note in report.notes[:_MOST_NOTES]]
        more = len(report.notes) - _MOST_NOTES
        lines += [f"> … {count(more, 'more note')}"] if more > 0 else []
        yield Block("\n>\n".join(lines), 2, "note list")


def _verdict(report: Report) -> str:
    if report.exit_code >= _UNABLE:
        return "⚠️ dagproof could not look everywhere"
    if report.exit_code:
        return "❌ dagproof found something"
    if unimported(report):
        return "⚠️ dagproof: clean, but not all of it is proved"
    return "✅ dagproof: clean"


def _sentence(report: Report) -> str:
    severities = Counter(finding.severity for finding in report.findings)
    found = [count(severities[one], one) for one in Severity if severities[one]]
    new = sum(finding.new is True for finding in report.findings)
    of_them = f", {new:,} of them new" if new else ""
    parts = [f"{', '.join(found) or 'No findings'} in {count(report.files, 'file')}{of_them}"]
    if report.runs:
        failed = sum(not run.succeeded for run in report.runs)
        runs = count(len(report.runs), "run")
        parts.append(f"{failed:,} of {runs} failed" if failed else f"{runs} succeeded")
    if not_tried := sum(bool(one.failure) for one in report.contracts):
        parts.append(f"{count(not_tried, 'file')} not tried to the end")
    if unproved := unimported(report):
        parts.append(text(unproved))
    if report.seconds:
        parts.append(f"{report.seconds:.1f} s")
    return f"{'; '.join(parts)}."
