"""The report as GitHub workflow commands: annotations beside the lines of a pull request.

Their escapes, and what its log obeys, are those of `ActionCommand.cs` in github.com/actions/runner.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from dagproof.model import DagOutcome, Finding, Report, Severity, Stage, StageState, Unread
from dagproof.reporters.characters import visible, visible_lines
from dagproof.reporters.findings_text import place, untold
from dagproof.reporters.placing import below
from dagproof.reporters.words import codes, count, sentence

_LEVELS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}

_SHOWN: Final = 10
"""Annotations of each level that GitHub shows of one step; it keeps silent about the others."""

_LINES: Final = 20
"""Lines of a finding's detail that its annotation has."""


_TITLE: Final = 255
"""Characters that GitHub takes of a title."""

_TOKEN: Final = 16
"""Characters of a token from which on nobody guesses it."""

_MESSAGE: Final = 64_000
"""Bytes of a message; GitHub takes 64 KB."""


def render(report: Report) -> str:
    """Return one command on each line, errors first; the last says what GitHub will not show.

    Among those of a level, what could not be looked at comes first, then new findings.
    """
    unable = (stage for stage in report.stages if stage.state is StageState.UNABLE)
    commands = [
        *((Severity.ERROR, _stage(stage)) for stage in unable),
        *((Severity.ERROR, _unread(error)) for error in untold(report)),
        *((Severity.ERROR, _run(run)) for run in report.runs if not run.succeeded),
        *(
            (finding.severity, _finding(finding))
            for finding in sorted(report.findings, key=lambda one: one.new is False)
        ),
        *((Severity.NOTE, _command("notice", visible(note))) for note in report.notes),
    ]
    lines = [command for one in Severity for severity, command in commands if severity is one]
    lines += _hidden(Counter(severity for severity, _ in commands))
    return "".join(f"{line}\n" for line in lines)


def stop_commands(text: str, token: str) -> str:
    """Return a text for a log in which GitHub obeys none of it.

    Args:
        text: of any lines.
        token: what nobody can guess; where the text holds it all the same, commands could begin
            again too early.

    Raises:
        ValueError: the text holds the token, or the token is too short to be hard to guess.
    """
    if len(token) < _TOKEN or token.lower() in text.lower():
        raise ValueError("a token that stops workflow commands must be long, and not in the text")
    end = "" if text.endswith("\n") or not text else "\n"
    return f"::stop-commands::{token}\n{text}{end}::{token}::\n"


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


def _stage(stage: Stage) -> str:
    message = f"{visible(stage.name)}: {visible(stage.note) or 'it could not be looked at'}"
    return _command("error", message, title=f"dagproof {visible(stage.name)} could not look")


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
    if "title" in properties:
        properties["title"] = str(properties["title"])[:_TITLE]
    given = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items())
    return f"::{name} {given}".rstrip() + f"::{_data(_short(message))}"


def _short(message: str) -> str:
    data = message.encode(errors="surrogatepass")
    if len(data) <= _MESSAGE:
        return message
    return f"{data[: _MESSAGE - 3].decode(errors='ignore')}…"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


__all__ = ["below", "render", "stop_commands"]
