"""The tasks of a run as a table whose rows are the bars of a Gantt chart."""

from collections.abc import Iterator, Sequence
from typing import Final

from dagproof.model import DagOutcome, FaultRecord, TaskOutcome
from dagproof.reporters.html.escape import Html, joined, prose, tag
from dagproof.reporters.html.parts import MINUS, mark, marked, more, row, seconds, size, table
from dagproof.reporters.words import count

_SHOWN: Final = 120
"""Task instances that have a row of their own."""


def task_table(run: DagOutcome) -> Html:
    """Return a row for each task instance, in the order in which they started."""
    if not run.tasks and not run.faults:
        return Html()
    whole = max([run.seconds, *(task.started + task.seconds for task in run.tasks), 0.001])
    chosen = _chosen(run.tasks)
    rows = [
        *(_fault(record, whole) for record in run.faults),
        *(_row(one, whole) for one in chosen),
    ]
    axis = f"0 to {seconds(whole)}"
    head = ("state", "task", axis, "time#", "notes")
    return joined(
        (
            table(f"Tasks of {run.dag_id}", head, rows, kind="gantt"),
            more(len(run.tasks) - len(chosen), "task instance"),
        )
    )


def xcom_table(run: DagOutcome) -> Html:
    """Return a row for each value that the tasks pushed, with its type and its size."""
    pushed = [(task, record) for task in run.tasks for record in task.pushed]
    if not pushed:
        return Html()
    pushed.sort(key=lambda one: not one[1].troubles)
    rows = []
    for task, record in pushed[:_SHOWN]:
        troubles = [
            tag("div", marked("▲", "warn", prose(bad.message)), " ", tag("code", bad.offence))
            for bad in record.troubles
        ]
        elsewhere = f" + {size(record.elsewhere)} beside it" if record.elsewhere else ""
        unread = None if record.readable else tag("div", "nobody can pull it")
        rows.append(
            row(
                task.label,
                record.key,
                record.type.removeprefix("builtins."),
                f"{size(record.stored)}{elsewhere}",
                joined((*troubles, unread)),
                numbers=(3,),
            )
        )
    head = ("task", "key", "type", "size#", "what is wrong with it")
    return joined(
        (
            table(f"XComs of {run.dag_id}", head, rows, kind="xcoms"),
            more(len(pushed) - _SHOWN, "XCom"),
        )
    )


def _chosen(tasks: Sequence[TaskOutcome]) -> list[TaskOutcome]:
    """Return the instances to show, in order; where there are too many, failed ones first."""
    if len(tasks) <= _SHOWN:
        return list(tasks)
    ranked = sorted(range(len(tasks)), key=lambda at: tasks[at].state in {"success", "skipped"})
    return [tasks[at] for at in sorted(ranked[:_SHOWN])]


def _row(task: TaskOutcome, whole: float) -> Html:
    sign, kind = mark(task.state)
    state = marked(sign, kind, task.state.replace("_", " ") or "no state")
    bar = _bar(task.started, task.seconds, whole, kind) if task.tries else None
    return row(
        state,
        task.label,
        bar,
        seconds(task.seconds) if task.tries else MINUS,
        joined(_notes(task), ", "),
        numbers=(3,),
    )


def _notes(task: TaskOutcome) -> Iterator[str]:
    if task.stubbed:
        yield "stubbed"
    if task.tries > 1:
        yield f"{task.tries} tries"
    if task.open_mlflow_runs:
        yield f"left {count(len(task.open_mlflow_runs), 'MLflow run')} open"
    if task.error:
        yield task.error.type.rpartition(".")[2]


def _fault(record: FaultRecord, whole: float) -> Html:
    if record.began is None:
        return row(marked("○", "off", "fault"), record.fault, None, MINUS, "never began")
    end = whole if record.ended is None else record.ended
    hits = f"hit {record.hits} {record.unit}{'' if record.hits == 1 else 's'}"
    return row(
        marked("▲", "warn", "fault"),
        record.fault,
        _bar(record.began, end - record.began, whole, "warn"),
        seconds(end - record.began),
        hits,
        numbers=(3,),
    )


def _bar(start: float, length: float, whole: float, kind: str) -> Html:
    left = min(max(100 * start / whole, 0.0), 99.0)
    width = min(max(100 * length / whole, 1.0), 100.0 - left)
    bar = tag("rect", x=f"{left:.1f}%", width=f"{width:.1f}%", class_=kind)
    return tag("svg", bar, class_="bar", aria_hidden="true")
