"""The report as GitHub workflow commands: annotations beside the lines of a pull request.

Their escapes are those of `ActionCommand.cs` in github.com/actions/runner.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from dagproof.model import DagOutcome, Finding, Report, Severity, Unread
from dagproof.reporters.characters import visible, visible_lines
from dagproof.reporters.findings_text import place, untold
from dagproof.reporters.words import codes, count, sentence

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}

_SHOWN: Final = 10
"""Annotations of each level that GitHub shows of one step; it keeps silent about the others."""

_LINES: Final = 20
"""Lines of a finding's detail that its annotation has."""


def render(report: Report) -> str:
    """Return one command on each line, errors first; the last says what GitHub will not show."""
    commands = [
        *((Severity.ERROR, _unread(error)) for error in untold(report)),
        *((Severity.ERROR, _run(run)) for run in report.runs if not run.succeeded),
        *((finding.severity, _finding(finding)) for finding in report.findings),
        *((Severity.NOTE, _command("notice", visible(note))) for note in report.notes),
    ]
    lines = [command for one in Severity for severity, command in commands if severity is one]
    lines += _hidden(Counter(severity for severity, _ in commands))
    return "".join(f"{line}\n" for line in lines)


def _finding(finding: Finding) -> str:
    span = finding.span
    where: dict[str, object] = {"file": span.path, "line": span.line, "endLine": span.end_line}
    if span.line == span.end_line:  # GitHub refuses columns where the lines differ
        where |= {"col": span.column, "endColumn": span.end_column}
    lines = [
        f"{place(span)}: {codes(finding)} {visible(sentence(finding.message))}",
        visible(finding.fix),
        *(f"{place(related.span)}: {visible(related.message)}" for related in finding.related),
        *_detail(finding.detail),
    ]
    title = f"{codes(finding)} {finding.slug}"
    return _command(_LEVELS[finding.severity], "\n".join(lines), **where, title=title)


def _detail(text: str) -> Iterator[str]:
    lines = visible_lines(text)
    yield from lines[:_LINES]
    if len(lines) > _LINES:
        yield f"… {count(len(lines) - _LINES, 'more line')}"


def _unread(error: Unread) -> str:
    message = f"{visible(error.path)}: {visible(error.message)}"
    return _command("error", message, file=error.path, title="Could not be read")


def _run(run: DagOutcome) -> str:
    failures = [(task.label, task.error) for task in run.failures] + [("the run", run.error)]
    lines = [
        visible(f"{label}: {error.type}: {error.message.strip()}".partition("\n")[0])
        for label, error in failures
        if error
    ]
    message = "\n".join([f"{visible(run.dag_id)} ended in state {visible(run.state)}.", *lines])
    return _command("error", message, title=f"{visible(run.dag_id)}: {visible(run.state)}")


def _hidden(numbers: Counter[Severity]) -> Iterator[str]:
    more = {one: numbers[one] - _SHOWN for one in Severity if numbers[one] > _SHOWN}
    if more:
        counted = ", ".join(count(number, f"more {one}") for one, number in more.items())
        yield _command(
            "notice",
            f"GitHub shows {_SHOWN} annotations of each level; the log of this step has {counted}.",
        )


def _command(name: str, message: str, **properties: object) -> str:
    given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {given}".rstrip() + f"::{_data(message)}"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
