"""What a page says of runs: states, pictures, failing tracebacks, faults, repetitions."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Final

from dagproof.model import (
    DagOutcome,
    DagShape,
    FaultRecord,
    Repetition,
    Report,
    TaskError,
    TaskOutcome,
)
from dagproof.reporters.markdown.blocks import Block
from dagproof.reporters.markdown.escaping import code, details, fence, fenced, html, table, text
from dagproof.reporters.mermaid import run_chart
from dagproof.reporters.words import count

_ROWS: Final = 100
_MOST: Final = 20
_STATES: Final = {
    "success": "✅",
    "failed": "❌",
    "upstream_failed": "🚫",
    "skipped": "\N{HEAVY MINUS SIGN}",
}


def blocks(report: Report) -> Iterator[Block]:
    """Yield the runs, then each run's picture, tasks and tracebacks, then repetitions."""
    if report.runs:
        rows = [_row(run) for run in report.runs]
        head = ("DAG", "state", ">seconds", "tasks")
        yield Block(f"### Runs\n\n{table(head, rows)}", 1, "run table")
    shapes = _shapes(report)
    for run in report.runs:
        yield from _tracebacks(run)
        yield from _run(run, shapes.get(run.dag_id))
    for repetition in report.repetitions:
        yield Block(_repetition(repetition), 3, "repetition")


def _shapes(report: Report) -> Mapping[str, DagShape]:
    """Return what DAGs are made of, by id, as far as their import or a comparison told."""
    told = [diff.after for diff in report.diffs if diff.after]
    told += [shape for trace in report.imports for shape in trace.dags]
    return {shape.dag_id: shape for shape in told}


def _row(run: DagOutcome) -> tuple[str, ...]:
    states = Counter(task.state for task in run.tasks)
    counted = ", ".join(f"{number} {text(state, 40)}" for state, number in sorted(states.items()))
    return (_name(run), _state(run.state), f"{run.seconds:.1f}", counted or "no task started")


def _run(run: DagOutcome, shape: DagShape | None) -> Iterator[Block]:
    name = html(f"`{run.dag_id}`{f' {run.label}' if run.label else ''}")
    tasks = sorted(run.tasks, key=lambda one: one.state == "success")  # failed ones before a cut
    told = tasks if len(tasks) > _ROWS else list(run.tasks)
    if told:
        body = table(("task", "state", ">tries", ">seconds", "notes"), map(_task, told[:_ROWS]))
        if more := len(tasks) - _ROWS:
            body += f"\n\n… and {count(more, 'more task instance')}." if more > 0 else ""
        yield Block(details(f"Tasks of {name}", body), 4, "task table")
    if run.triggered:
        lines = [f"- {code(one.dag_id)}, run {code(one.run_id)}" for one in run.triggered[:_MOST]]
        begun = "\n".join([f"**Triggered** by {_name(run)}, and not carried out", "", *lines])
        yield Block(begun, 3, "list of triggered runs")
    if run.faults:
        lines = [f"- {code(one.fault)} {_fault(one)}" for one in run.faults[:_MOST]]
        yield Block("\n".join([f"**Faults** in {_name(run)}", "", *lines]), 3, "fault list")
    if shape is not None:
        chart = run_chart(shape, run)
        edges = sum(len(task.upstream) for task in shape.tasks)
        size = f"{count(len(shape.tasks), 'task')} and {count(edges, 'edge')}"
        picture = fence(chart, "mermaid") if chart else f"It is too large for a picture: {size}."
        yield Block(details(f"Picture of {name}", picture), 8, "DAG picture")


def _task(task: TaskOutcome) -> tuple[str, ...]:
    notes = ["stubbed"] if task.stubbed else []
    notes += [f"`{one.key}`: {bad.offence}" for one in task.pushed for bad in one.troubles]
    notes += [f"left {leak.kind} `{leak.name}` changed" for leak in task.leaks]
    if task.open_mlflow_runs:
        notes.append(f"left {count(len(task.open_mlflow_runs), 'MLflow run')} open")
    if task.error is not None:
        notes.append(f"`{task.error.type.rpartition('.')[2]}`: {_first(task.error)}")
    shown = "; ".join(text(note, 200) for note in notes[:_MOST])
    seconds = f"{task.seconds:.2f}"
    return (code(task.label), _state(task.state), f"{task.tries}", seconds, shown)


def _tracebacks(run: DagOutcome) -> Iterator[Block]:
    failed = [(task.label, task.error) for task in run.failures] + [("the run itself", run.error)]
    for label, error in failed:
        if error is not None:
            summary = f"{html(f'`{run.dag_id}` / `{label}`')}: {html(_said(error), 200)}"
            yield Block(details(summary, fenced(error.traceback or error.message)), 3, "traceback")


def _said(error: TaskError) -> str:
    return f"{error.type.rpartition('.')[2]}: {_first(error)}".removesuffix(": ")


def _first(error: TaskError) -> str:
    return error.message.strip().partition("\n")[0]


def _fault(record: FaultRecord) -> str:
    if record.began is None:
        return "never began: its task did not run"
    end = "the end" if record.ended is None else f"{record.ended:.1f} s"
    return f"from {record.began:.1f} s to {end}, hit {count(record.hits, text(record.unit, 40))}"


def _repetition(one: Repetition) -> str:
    name = code(one.dag_id)
    if one.repeatable:
        return f"{name} can be run again: nothing differs."
    lines = [f"- {text(str(difference))}" for difference in one.differences[:_MOST]]
    if more := max(0, len(one.differences) - _MOST):
        lines.append(f"- … {count(more, 'more difference')}")
    said = f"**{name} is not the same when it is run again:** "
    return "\n".join([f"{said}{count(len(one.differences), 'difference')}.", "", *lines])


def _name(run: DagOutcome) -> str:
    return f"{code(run.dag_id)} {text(run.label)}".rstrip()


def _state(state: str) -> str:
    return f"{_STATES.get(state, '⚠️')} {text(state, 40)}"
