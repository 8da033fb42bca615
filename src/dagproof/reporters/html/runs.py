"""What became of DAGs that were run: pictures, times, XComs, MLflow runs, errors, leaks."""

from collections.abc import Iterator, Sequence
from typing import Final

from dagproof.model import DagOutcome, DagShape, Repetition, Report, TaskError
from dagproof.reporters.html.escape import Html, joined, prose, tag
from dagproof.reporters.html.parts import (
    fold,
    mark,
    marked,
    more,
    pre,
    room,
    row,
    seconds,
    section,
    table,
)
from dagproof.reporters.html.run_picture import run_picture
from dagproof.reporters.html.tasks import task_table, xcom_table
from dagproof.reporters.html.tracked import others, tracked
from dagproof.reporters.words import count

_ERRORS: Final = 20
"""Of one run that are shown."""


def runs(report: Report) -> Html:
    """Return the part of the page that tells of runs."""
    failed = sum(not run.succeeded for run in report.runs)
    note = f"{count(len(report.runs), 'run')}, {failed or 'none'} failed"
    shapes = {dag.dag_id: dag for trace in report.imports for dag in trace.dags}
    limit = room(sum(len(run.failures) + bool(run.error) for run in report.runs))
    ordered = sorted(report.runs, key=lambda run: run.succeeded)
    few = len(report.runs) <= 1
    return section(
        "runs",
        "Runs",
        note,
        *(
            _run(run, shapes.get(run.dag_id), report, limit, unfolded=few or not run.succeeded)
            for run in ordered
        ),
        *map(_repetition, report.repetitions),
        others(report),
    )


def _run(
    run: DagOutcome, shape: DagShape | None, report: Report, limit: int, *, unfolded: bool
) -> Html:
    sign, kind = mark(run.state)
    label = f", {run.label}" if run.label else None
    summary = joined(
        (
            marked(sign, kind, tag("b", run.dag_id), label, f" {run.state}"),
            tag(
                "span", f"{count(len(run.tasks), 'task')} in {seconds(run.seconds)}", class_="muted"
            ),
        ),
        " ",
    )
    parts = {
        "": joined((*_errors(run, limit), run_picture(run, shape))),
        "Tasks": task_table(run),
        "XComs": xcom_table(run),
        "Triggered": _triggered(run),
        "MLflow": tracked(run, report.tracking),
        "State left behind": _leaks(run),
    }
    chapters = (
        joined((tag("h3", title) if title else None, part)) for title, part in parts.items() if part
    )
    return fold(summary, *chapters, unfolded=unfolded, kind="card")


def _errors(run: DagOutcome, limit: int) -> Iterator[Html | None]:
    failed = [(task.label, task.error) for task in run.failures if task.error]
    told = [*([("the run itself", run.error)] if run.error else []), *failed]
    for label, error in told[:_ERRORS]:
        yield _error(label, error, limit)
    yield more(len(told) - _ERRORS, "error")


def _error(label: str, error: TaskError, limit: int) -> Html:
    kind = error.type.rpartition(".")[2]
    return tag(
        "div",
        tag("p", marked("✗", "bad", tag("code", label)), " ", tag("b", kind)),
        tag("p", prose(error.message.strip(), 600), class_="said") if error.message else None,
        fold("Traceback", pre(error.traceback, limit)) if error.traceback.strip() else None,
        class_="error",
    )


def _triggered(run: DagOutcome) -> Html:
    if not run.triggered:
        return Html()
    rows = [
        row(tag("code", one.dag_id), tag("code", one.run_id)) for one in run.triggered[:_ERRORS]
    ]
    shown = table(
        f"Runs that {run.dag_id} triggered, and that were not carried out", ("DAG", "run"), rows
    )
    return joined((shown, more(len(run.triggered) - _ERRORS, "run")))


def _leaks(run: DagOutcome) -> Html:
    told = [(task.label, leak) for task in run.tasks for leak in task.leaks]
    if not told:
        return Html()
    rows = [
        row(tag("code", label), leak.kind, tag("code", leak.name), prose(leak.detail, 300))
        for label, leak in told[:_ERRORS]
    ]
    head = ("task", "what", "name", "how it changed")
    shown = table(f"State that tasks of {run.dag_id} left behind", head, rows)
    return joined((shown, more(len(told) - _ERRORS, "leak")))


def _repetition(one: Repetition) -> Html:
    if not one.runs or not one.runs[0].succeeded:
        sign, kind, told = "✗", "bad", "was not run again, since its first run failed"
    elif one.repeatable:
        sign, kind, told = "✓", "ok", "can be run again: nothing differs"
    else:
        sign, kind, told = "✗", "bad", f"run again: {count(len(one.differences), 'difference')}"
    summary = joined((marked(sign, kind, tag("b", one.dag_id)), told), " ")
    notes = [tag("p", prose(note), class_="muted") for note in one.notes]
    return fold(summary, _differences(one), *notes, unfolded=not one.repeatable, kind="card")


def _differences(one: Repetition) -> Html:
    shown: Sequence[Html] = [
        row(
            each.kind.replace("-", " "),
            tag("code", each.name),
            prose(each.message, 600),
            joined((tag("code", task) for task in each.tasks), " "),
            "after retries" if each.retried else "",
        )
        for each in one.differences[: _ERRORS * 5]
    ]
    if not shown:
        return Html()
    head = ("what", "name", "how it differs", "changed by", "seen")
    return joined(
        (
            table(f"What running {one.dag_id} again has changed", head, shown),
            more(len(one.differences) - len(shown), "difference"),
        )
    )
