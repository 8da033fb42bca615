"""DAGs as Mermaid flowcharts, as large as GitHub draws them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from dagproof.model import DagDiff, DagOutcome, DagShape, TaskOutcome, TaskShape
from dagproof.reporters.shorten import one_line

MOST_EDGES: Final = 500
MOST_CHARACTERS: Final = 50_000
"""What Mermaid draws unless a page allows more; it shows an error instead of a larger chart."""

_LABEL: Final = 60
"""Characters of a task's id in its box."""

_CLASSES: Final = {
    "success": "fill:#1a7f37,stroke:#116329,color:#ffffff",
    "failed": "fill:#cf222e,stroke:#a40e26,color:#ffffff",
    "skipped": "fill:#eaeef2,stroke:#6e7781,color:#24292f,stroke-dasharray:4",
    "upstream": "fill:#fff8c5,stroke:#9a6700,color:#24292f,stroke-dasharray:4",
    "other": "fill:#ffffff,stroke:#6e7781,color:#24292f",
    "added": "fill:#dafbe1,stroke:#1a7f37,color:#24292f,stroke-width:2px",
    "removed": "fill:#ffebe9,stroke:#cf222e,color:#24292f,stroke-dasharray:4",
    "changed": "fill:#fff8c5,stroke:#9a6700,color:#24292f,stroke-width:2px",
}
_STATES: Final = {
    "success": ("success", "✓"),
    "failed": ("failed", "✗"),
    "skipped": ("skipped", "○"),
    "removed": ("skipped", "○"),
    "upstream_failed": ("upstream", "·"),
}
"""Of a task's state, its class and the mark that says the same without a colour."""

_FATES: Final = {
    "added": "\N{HEAVY PLUS SIGN} ",
    "removed": "\N{HEAVY MINUS SIGN} ",
    "changed": "\N{LOWER RIGHT PENCIL} ",
}
"""Marks before a task's id. `- ` and `+ ` would be lists, which Mermaid refuses in a label."""

_WORST: Final = ("failed", "upstream_failed", "up_for_retry", "skipped", "removed", "success")


@dataclass(frozen=True, slots=True)
class Box:
    """A task in a chart.

    Attributes:
        name: its id, by which edges know it.
        label: what stands in the box; any text.
        kind: one of the classes of boxes; empty for a plain one.
    """

    name: str
    label: str
    kind: str = ""


def flowchart(boxes: Iterable[Box], edges: Iterable[tuple[str, str]]) -> str:
    """Return a chart from left to right; an empty text where it is too large to be drawn.

    Args:
        boxes: in the order in which they are told.
        edges: the names of boxes, the earlier one first; those of other names are left out.
    """
    boxes = tuple(boxes)
    ids = {box.name: f"t{number}" for number, box in enumerate(boxes)}
    arrows = [f"  {ids[a]} --> {ids[b]}" for a, b in edges if a in ids and b in ids]
    if not boxes or len(arrows) > MOST_EDGES:
        return ""
    kinds = {box.kind: _CLASSES[box.kind] for box in boxes if box.kind}
    lines = [
        "flowchart LR",
        *(f"  {ids[box.name]}[{_quoted(box.label)}]{_class(box.kind)}" for box in boxes),
        *arrows,
        *(f"  classDef {kind} {style}" for kind, style in kinds.items()),
    ]
    chart = "\n".join(lines)
    return chart if len(chart) <= MOST_CHARACTERS else ""


def run_chart(shape: DagShape, run: DagOutcome) -> str:
    """Return a DAG with the states of its tasks, mapped instances in one box."""
    outcomes: dict[str, list[TaskOutcome]] = {}
    for task in run.tasks:
        outcomes.setdefault(task.task_id, []).append(task)
    boxes = [_ran(task, outcomes.get(task.task_id, ())) for task in shape.tasks]
    return flowchart(boxes, _edges(shape))


def diff_charts(diff: DagDiff) -> tuple[str, str]:
    """Return a DAG as it was and as it is; an empty text where one is unknown or too large."""
    before = {task.task_id: task for task in diff.before.tasks} if diff.before else {}
    after = {task.task_id: task for task in diff.after.tasks} if diff.after else {}
    return (
        _compared(diff.before, after, "removed") if diff.before else "",
        _compared(diff.after, before, "added") if diff.after else "",
    )


def _compared(shape: DagShape, others: Mapping[str, TaskShape], alone: str) -> str:
    boxes = []
    for task in shape.tasks:
        kind = alone
        if (other := others.get(task.task_id)) is not None:
            kind = "" if other == task else "changed"
        mark = _FATES.get(kind, "")
        boxes.append(Box(task.task_id, f"{mark}{_named(task)}", kind))
    return flowchart(boxes, _edges(shape))


def _edges(shape: DagShape) -> list[tuple[str, str]]:
    return [(before, task.task_id) for task in shape.tasks for before in task.upstream]


def _ran(task: TaskShape, outcomes: Iterable[TaskOutcome]) -> Box:
    told = list(outcomes)
    states = {one.state for one in told}
    if not states:
        return Box(task.task_id, _named(task), "other")
    state = min(states, key=lambda one: _WORST.index(one) if one in _WORST else 0)
    kind, mark = _STATES.get(state, ("other", "…"))
    several = f" (x{len(told)})" if len(told) > 1 else ""
    return Box(task.task_id, f"{mark} {one_line(task.task_id, _LABEL)}{several}", kind)


def _named(task: TaskShape) -> str:
    return f"{one_line(task.task_id, _LABEL)}{' [mapped]' if task.mapped else ''}"


def _class(kind: str) -> str:
    return f":::{kind}" if kind else ""


def _quoted(label: str) -> str:
    """Return a label in quotes, with all that Mermaid or HTML would obey as its entity codes."""
    return '"' + "".join(map(_character, one_line(label))) + '"'


def _character(one: str) -> str:
    harmless = not one.isascii() or one.isalnum() or one in " .,-_()[]/+"
    return one if harmless else f"#{ord(one)};"
