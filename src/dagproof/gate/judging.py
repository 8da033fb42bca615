"""What came of a stage, in its state and in one sentence."""

from collections.abc import Callable, Mapping
from typing import Final

from dagproof.gate.messages import Told, Unable
from dagproof.gate.selection import Selection
from dagproof.model import Report, Severity, Stage, StageState
from dagproof.proving import import_is_to_blame
from dagproof.reporters.unimported import do_not, fails, named
from dagproof.reporters.words import count


def judged_stage(
    name: str, answer: Told | Unable, seconds: float, selection: Selection
) -> tuple[Stage, Report | None]:
    """Return what came of a stage, and its report where there is one.

    Args:
        name: of the stage.
        answer: what its process said last.
        seconds: that it took.
        selection: what was looked at.
    """
    if isinstance(answer, Unable):
        return Stage(name, StageState.UNABLE, answer.message, seconds, answer.exit_code), None
    report = answer.report
    state = StageState.CLEAN if report.clean else StageState.FOUND
    note = _NOTES[name](report, selection)
    return Stage(name, state, note, seconds, 0 if report.clean else 1), report


def _lint(report: Report, _selection: Selection) -> str:
    return f"{count(report.files, 'file')} read."


def _audit(report: Report, _selection: Selection) -> str:
    dags = sum(len(trace.dag_ids) for trace in report.imports)
    failing = [trace.path for trace in report.imports if fails(trace)]
    told = f"{count(report.files - len(failing), 'file')} imported, {count(dags, 'DAG')}"
    if not failing:
        return f"{told}."
    return f"{told}; {len(failing):,} {do_not(len(failing))}: {named(failing)}."


def _contracts(report: Report, _selection: Selection) -> str:
    untried = [one.path for one in report.contracts if import_is_to_blame(one)]
    tried = report.contracts
    confs, templates, values = (
        sum(numbers)
        for numbers in (
            (one.confs for one in tried),
            (one.templates for one in tried),
            (one.values for one in tried),
        )
    )
    counted = (count(confs, "conf"), count(templates, "template"), count(values, "XCom value"))
    told = f"{', '.join(counted)} tried"
    if not untried:
        return f"{told}."
    why = f"{count(len(untried), 'DAG file')} {do_not(len(untried))}: {named(untried)}."
    nothing = len(untried) == len(tried) and not confs + templates + values
    return f"Nothing is tried: {why}" if nothing else f"{told}; {why}"


def _diff(report: Report, _selection: Selection) -> str:
    return f"{count(report.files, 'file')} imported as of the base."


def how_dags_differ(report: Report) -> str:
    """Return how DAGs differ, in one sentence."""
    if not report.diffs:
        return "No DAG differs."
    harmful = sum(
        any(change.severity is not Severity.NOTE for change in one.changes) for one in report.diffs
    )
    told = f"{count(len(report.diffs), 'DAG')} changed"
    return f"{told}, {harmful} in a way that can hurt." if harmful else f"{told}."


def _run(report: Report, selection: Selection) -> str:
    failed = sum(not run.succeeded for run in report.runs)
    ended = f"{count(len(report.runs), 'run')}, {failed} failed" if failed else ""
    note = ended or f"{count(len(report.runs), 'run')} succeeded"
    if selection.left_out:
        note += f"; not affected: {', '.join(selection.left_out)}"
    return f"{note}."


_NOTES: Final[Mapping[str, Callable[[Report, Selection], str]]] = {
    "lint": _lint,
    "audit": _audit,
    "contracts": _contracts,
    "diff": _diff,
    "run": _run,
}
