"""The verdict of a gate for a terminal: one line for each stage, and one for the whole."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import Report, Severity, Stage, StageState
from dagproof.reporters.characters import visible
from dagproof.reporters.table import table
from dagproof.reporters.unimported import unimported
from dagproof.reporters.words import count

_MARKS: Final = {
    StageState.CLEAN: "✓",
    StageState.FOUND: "✗",
    StageState.UNABLE: "✗",
    StageState.SKIPPED: "-",
}
SAID: Final = {
    StageState.CLEAN: "clean",
    StageState.FOUND: "failed",
    StageState.UNABLE: "could not look",
    StageState.SKIPPED: "left out",
}
"""What a person is told of a stage."""
LIVE: Final = {**SAID, StageState.FOUND: "ended, the verdict weighs what it found"}
"""The same as soon as it ends, before a baseline, and what was there before, count for nothing."""


def render(report: Report) -> str:
    """Return the stages, with what they looked at, and the verdict last."""
    rows = [row for stage in report.stages for row in _rows(stage)]
    return f"{table(('stage', '', 'seconds', ''), rows)}\n\n{verdict(report)}"


def _rows(stage: Stage) -> Iterator[tuple[str, ...]]:
    said = f"{_MARKS[stage.state]} {SAID[stage.state]}"
    yield stage.name, said, f"{stage.seconds:.1f}", visible(stage.note)


def verdict(report: Report) -> str:
    """Return the verdict of a gate: PASS, FAIL or COULD NOT LOOK, and what is behind it."""
    unable = [stage.name for stage in report.stages if stage.state is StageState.UNABLE]
    wrong = ", ".join(_wrong(report))
    unproved = unimported(report)
    if unable:
        return f"COULD NOT LOOK: {'; '.join(filter(None, (', '.join(unable), wrong, unproved)))}."
    if report.exit_code:
        return f"FAIL: {'; '.join(filter(None, (wrong or 'a stage has failed', unproved)))}."
    notes = sum(one.severity is Severity.NOTE for one in report.findings)
    told = f"PASS, with {count(notes, 'note')}" if notes else "PASS"
    return f"{told}, but {unproved}." if unproved else f"{told}."


def _wrong(report: Report) -> Iterator[str]:
    for severity in (Severity.ERROR, Severity.WARNING):
        same = [one for one in report.findings if one.severity is severity]
        if same:
            new = sum(one.new is True for one in same)
            known = any(one.new is not None for one in same)
            yield count(len(same), severity.value) + (f" ({new} new)" if known else "")
    failed = sum(not run.succeeded for run in report.runs)
    if failed:
        yield count(failed, "failed run")
