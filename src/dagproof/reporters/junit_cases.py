"""What of a report is one test, and how it ended, for JUnit XML."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from dagproof.model import (
    DagDiff,
    Finding,
    Repetition,
    Report,
    Severity,
    TaskError,
    TaskOutcome,
)
from dagproof.reporters.findings_text import finding_text, untold
from dagproof.reporters.shorten import one_line, some_lines
from dagproof.reporters.words import codes, count

_MOST: Final = 100
"""Findings of one file that are told in full."""

_NOT_RUN: Final = {"skipped", "removed", "upstream_failed"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a test ended that did not pass.

    Attributes:
        element: `failure`, `error` or `skipped`.
        type: such as an exception's class or the codes of findings.
        message: one sentence.
        text: more lines, which XML can carry.
    """

    element: str
    type: str
    message: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One test.

    Attributes:
        group: what it belongs to: a file, or a DAG.
        name: what it is.
        seconds: that it took.
        outcome: None where it passed.
        output: more lines, which XML can carry.
        file: where what failed is written; empty where nobody knows.
        line: likewise.
    """

    group: str
    name: str
    seconds: float = 0.0
    outcome: Outcome | None = None
    output: str = ""
    file: str = ""
    line: int = 1


def file_cases(report: Report, stage: str, hundred: str) -> Iterator[Case]:
    """Yield a test for each file that a kind of evidence has looked at, in order of path.

    Args:
        report: what there is to say.
        stage: `lint`, `audit`, `contracts` or `run`.
        hundred: the first digit of the codes that it finds.
    """
    found: dict[str, list[Finding]] = {}
    for finding in report.findings:
        if finding.code[2:3] == hundred:
            found.setdefault(finding.span.path, []).append(finding)
    seconds = {
        "audit": {one.path: one.seconds for one in report.imports},
        "contracts": {one.path: one.seconds for one in report.contracts},
        # A gate reads at least what it imports; other commands do not say what they have read.
        "lint": {one.path: 0.0 for one in report.imports if report.stages},
    }.get(stage, {})
    unable = _unable(report, stage)
    for path in sorted({*found, *seconds, *unable}):
        outcome = _findings(found.get(path, ()))
        if outcome is None and path in unable:
            outcome = Outcome("error", "could not look", one_line(unable[path]))
        first = found[path][0].span.line if path in found else 1
        took = seconds.get(path, 0.0)
        yield Case(path, stage, took, outcome, _notes(found.get(path, ())), path, first)


def _unable(report: Report, stage: str) -> dict[str, str]:
    if stage == "lint":
        return {one.path: one.message for one in untold(report)}
    if stage == "contracts":
        return {one.path: one.failure for one in report.contracts if one.failure}
    return {}


def _findings(findings: Sequence[Finding]) -> Outcome | None:
    harmful = [one for one in findings if one.severity is not Severity.NOTE]
    if not harmful:
        return None
    first = harmful[0]
    more = f" and {count(len(harmful) - 1, 'more finding')}" if len(harmful) > 1 else ""
    text = "\n\n".join(map(_told, harmful[:_MOST]))
    kinds = ", ".join(dict.fromkeys(map(codes, harmful)))
    return Outcome("failure", kinds, f"{one_line(first.message)}{more}", text)


def _notes(findings: Sequence[Finding]) -> str:
    notes = [one for one in findings if one.severity is Severity.NOTE]
    return "\n\n".join(map(_told, notes[:_MOST]))


def _told(finding: Finding) -> str:
    return "\n".join(some_lines(finding_text(finding)))


def run_cases(report: Report) -> Iterator[Case]:
    """Yield a test for each task instance, for runs that ended by themselves, for repetitions."""
    seen: Counter[str] = Counter()
    for run in report.runs:
        group = f"{run.dag_id}, {run.label}" if run.label else run.dag_id
        seen[group] += 1
        if seen[group] > 1:  # two tests of one name would be taken for one that was tried again
            group = f"{group} #{seen[group]}"
        yield from (_task(group, task) for task in run.tasks)
        if run.error is not None or not (run.succeeded or run.failures):
            outcome = _failure(run.error, f"the run ended in state {run.state}")
            yield Case(group, "the run itself", run.seconds, outcome)
    for repetition in report.repetitions:
        yield _repetition(repetition)


def _task(group: str, task: TaskOutcome) -> Case:
    outcome = None
    if task.state == "failed":
        outcome = _failure(task.error, "it failed, and nothing says why")
    elif task.state in _NOT_RUN:
        outcome = Outcome("skipped", task.state, f"it ended in state {task.state}")
    elif task.state != "success":
        outcome = Outcome("error", task.state or "no state", f"it ended in state {task.state}")
    output = "\n".join(map(one_line, _notable(task)))
    return Case(group, task.label, task.seconds, outcome, output)


def _notable(task: TaskOutcome) -> Iterator[str]:
    if task.stubbed:
        yield "stubbed: a value was given in place of running it"
    if task.tries > 1:
        yield f"{task.tries} tries"
    yield from (f"left {leak.kind} {leak.name} changed: {leak.detail}" for leak in task.leaks)
    for record in task.pushed:
        yield from (f"XCom {record.key}: {one.offence}: {one.message}" for one in record.troubles)
    yield from (f"left MLflow run {one} open" for one in task.open_mlflow_runs)


def _failure(error: TaskError | None, otherwise: str) -> Outcome:
    if error is None:
        return Outcome("failure", "failed", otherwise)
    first = error.message.strip().partition("\n")[0] or error.type
    text = "\n".join(some_lines(error.traceback or error.message))
    return Outcome("failure", one_line(error.type), one_line(first), text)


def _repetition(one: Repetition) -> Case:
    told = [one_line(str(difference)) for difference in one.differences]
    outcome = None
    if told:
        message = f"{count(len(told), 'difference')} when it is run again"
        outcome = Outcome("failure", "DP404", message, "\n".join(told[:_MOST]))
    output = "\n".join(map(one_line, one.notes))
    return Case(one.dag_id, "run again", one.seconds, outcome, output)


def diff_cases(diffs: Iterable[DagDiff]) -> Iterator[Case]:
    """Yield a test that passes for each DAG that differs; its changes are its output."""
    for diff in diffs:
        lines = [
            f"{one.severity} {one.where}: {one.message} {one.harm}".rstrip() for one in diff.changes
        ]
        shape = diff.after or diff.before
        output = "\n".join([str(diff.fate), *map(one_line, lines[:_MOST])])
        yield Case(diff.dag_id, "diff", output=output, file=shape.path if shape else "")
