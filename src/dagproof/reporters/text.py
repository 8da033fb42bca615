"""The report for a person at a terminal: a live line per task, then what came of it."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from dagproof.model import (
    DagOutcome,
    FaultRecord,
    Repetition,
    Report,
    TaskError,
    TaskOutcome,
    TrackedRun,
    Tracking,
)
from dagproof.reporters import diff_text, findings_text, gate_text
from dagproof.reporters.characters import visible, visible_lines
from dagproof.reporters.table import table
from dagproof.reporters.words import count

_MARKS: Final = {
    "success": "✓",
    "failed": "✗",
    "skipped": "-",
    "upstream_failed": "·",
    "up_for_retry": "↻",
    "removed": "-",
}
_ASCII: Final = str.maketrans(
    {"✓": "+", "✗": "x", "·": ".", "↻": "~", "…": "...", "─": "-", "→": "->"}
    # The blanks of an underlined line, each as wide as what becomes of the character above it.
    | {"\u034f": " ", "\u3000": " ", "\u2002": "   "}
)


def plain(text: str) -> str:
    """Return the text for a terminal that knows only ASCII."""
    return text.translate(_ASCII).encode("ascii", "replace").decode("ascii")


def dag_line(dag: str) -> str:
    """Return the line that opens a run."""
    return f"\n{visible(dag)}"


def task_line(task: TaskOutcome) -> str:
    """Return the live line of one attempt."""
    notes = []
    if task.stubbed:
        notes.append("stubbed")
    if task.state == "up_for_retry":
        notes.append(f"try {task.tries} failed, tried again")
    elif task.tries > 1:
        notes.append(f"{task.tries} tries")
    if task.reason:
        notes.append(_first_line(task.reason))
    if task.state not in _MARKS:
        notes.append(task.state)
    notes += sorted({f"{one.key}: {bad.offence}" for one in task.pushed for bad in one.troubles})
    if task.error:
        kind = task.error.type.rpartition(".")[2]
        notes.append(_first_line(f"{kind}: {task.error.message.strip()}".removesuffix(": ")))
    line = f"  {_MARKS.get(task.state, '…')} {task.label:<32} {task.seconds:7.2f} s"
    return visible(f"{line}  {'; '.join(notes)}".rstrip())


def render(report: Report) -> str:
    """Return what follows the live lines: states, tables, failing tracebacks, and findings last."""
    parts = ["\n".join(map(_verdict, report.runs))] if report.runs else []
    if report.repetitions:
        parts.append("\n".join(map(_repeated, report.repetitions)))
    parts += [_triggered(run) for run in report.runs if run.triggered]
    parts += [_faults(run) for run in report.runs if run.faults]
    leaking = [run for run in report.runs if any(task.leaks for task in run.tasks)]
    parts += dict.fromkeys(map(_leaks, leaking))  # each run of one DAG may leave the same
    if report.tracking.runs or report.tracking.versions:
        parts.append(_tracking(report.tracking))
    parts += [traceback for run in report.runs for traceback in _tracebacks(run)]
    live = "\n" if parts else ""
    of_files = report.files or report.findings or report.errors or report.imports
    if of_files or report.notes or not parts:
        parts.append(findings_text.render(report))
    if report.diffs:
        parts.append(diff_text.render(replace(report, notes=())).rstrip("\n"))
    if len(report.runs) > 1 and not report.repetitions and not report.stages:
        parts.append(_sum(report.runs))
    if report.stages:
        parts.append(gate_text.render(report))
    return live + "\n\n".join(parts) + "\n"


def _verdict(run: DagOutcome) -> str:
    states = Counter(task.state for task in run.tasks)
    counts = ", ".join(f"{count} {state}" for state, count in sorted(states.items()))
    mark = _MARKS.get(run.state, "✗")
    seconds = f"{run.seconds:.1f} s"
    told = f"{mark} {_name(run)}: {run.state} in {seconds} ({counts or 'no task started'})"
    return visible(told)


def _sum(runs: Sequence[DagOutcome]) -> str:
    """Return the last line of several runs, whose verdicts may be far above."""
    failed = [visible(_name(run)) for run in runs if not run.succeeded]
    told = f"; failed: {', '.join(failed)}" if failed else ""
    return f"{len(runs) - len(failed)} of {count(len(runs), 'run')} succeeded{told}"


def _name(run: DagOutcome) -> str:
    return f"{run.dag_id}, {run.label}" if run.label else run.dag_id


def _repeated(one: Repetition) -> str:
    if not one.runs[0].succeeded:
        return f"{_MARKS['failed']} {one.dag_id} was not run again, since its first run failed"
    number = len(one.differences)
    retried = {task.label for task in one.runs[-1].tasks if task.tries > 1}
    tried = f"{count(len(retried), 'task instance')} retried"
    if not number:
        return f"{_MARKS['success']} {one.dag_id} can be run again: nothing differs ({tried})"
    return f"{_MARKS['failed']} {one.dag_id}: {count(number, 'difference')} ({tried})"


def _triggered(run: DagOutcome) -> str:
    lines = [visible(f"  {one.dag_id}, run {one.run_id}") for one in run.triggered]
    return "\n".join([f"Triggered by {_name(run)}, and not carried out:", *lines])


def _faults(run: DagOutcome) -> str:
    return "\n".join([f"Faults in {run.dag_id}:", *map(_fault, run.faults)])


def _fault(record: FaultRecord) -> str:
    name = f"  {record.fault:<34}"
    if record.began is None:
        return f"{name} never began: its task did not run"
    end = "the end" if record.ended is None else f"{record.ended:.1f} s"
    hits = f"hit {count(record.hits, record.unit)}" if record.hits else f"hit no {record.unit}"
    return f"{name} from {record.began:.1f} s to {end}, {hits}"


def _leaks(run: DagOutcome) -> str:
    lines = [
        visible(f"  {task.label}: {leak.kind} {leak.name}: {leak.detail}")
        for task in run.tasks
        for leak in task.leaks
    ]
    return "\n".join(
        [f"State that tasks of {run.dag_id} left behind (put back before the next task):", *lines]
    )


def _tracking(tracking: Tracking) -> str:
    blocks = []
    if tracking.runs:
        rows = [row for run in tracking.runs for row in _tracked(run)]
        blocks.append(table(("experiment", "run", "status", "metrics"), rows))
    if tracking.versions:
        versions = [
            (visible(version.name), version.version, visible(", ".join(version.aliases)) or "none")
            for version in tracking.versions
        ]
        blocks.append(table(("registered model", "version", "alias"), versions))
    return "\n\n".join(blocks)


def _tracked(run: TrackedRun) -> list[tuple[str, ...]]:
    """Return a row for each metric of a run; the first one names the run."""
    first, *more = _metrics(run.metrics)
    return [
        (visible(run.experiment), visible(run.name), run.status, first),
        *(("", "", "", line) for line in more),
    ]


def _metrics(metrics: Mapping[str, float]) -> list[str]:
    """Return one line for each metric; one empty line where there is none."""
    width = max(map(len, metrics), default=0)
    lines = (f"{name.ljust(width)} {value:.6g}" for name, value in sorted(metrics.items()))
    return list(map(visible, lines)) or [""]


def _tracebacks(run: DagOutcome) -> Iterator[str]:
    if run.error:
        yield _traceback(_name(run), run.error)
    for task in run.tasks:
        if task.error and task.state == "failed":
            yield _traceback(f"{_name(run)} / {task.label}", task.error)


def _traceback(where: str, error: TaskError) -> str:
    title = f"── {visible(where)} "
    return "\n".join([title.ljust(80, "─"), *visible_lines(error.traceback)])


def _first_line(text: str) -> str:
    line = text.partition("\n")[0]
    limit = 160
    return line if len(line) <= limit else f"{line[: limit - 1]}…"
