"""Draws both states of a DAG, every task of both at the same place."""

from collections.abc import Mapping, Sequence
from typing import Final

from dagproof.model import DagDiff, DagShape, TaskShape
from dagproof.reporters.html.escape import Html, joined, tag
from dagproof.reporters.html.grouping import Edge, by_box, edges_of, owners
from dagproof.reporters.html.layout import Layout
from dagproof.reporters.html.parts import MINUS, marked
from dagproof.reporters.html.picture import Box, arranged, drawn
from dagproof.reporters.words import count

_LEGEND: Final = (("+", "ok", "added"), (MINUS, "bad", "removed"), ("~", "warn", "changed"))
_WHOLE: Final = 14
"""Tasks of a DAG of which all are drawn; of larger ones, what changed and what is beside it."""

_BESIDE: Final = 540.0
"""Pixels of two pictures that fit beside each other."""

_SAME: Final = ("", "off")


def both_states(diff: DagDiff) -> Html | None:
    """Return the pictures of both states; nothing where there is nothing to be seen in them."""
    sides = {"Before": diff.before, "After": diff.after}
    shapes = [shape for shape in sides.values() if shape and shape.tasks]
    if not shapes:
        return None
    every = list(dict.fromkeys(task.task_id for shape in shapes for task in shape.tasks))
    ids = every if len(every) <= _WHOLE or len(shapes) == 1 else _near(sides, every)
    if not ids:
        return None
    owned = owners(ids)
    edges = {title: edges_of(shape, owned) if shape else [] for title, shape in sides.items()}
    boxes = {title: _boxes(title, sides, owned) for title in sides}
    union = list(dict.fromkeys((*edges["After"], *edges["Before"])))
    layout = arranged(boxes["Before"] | boxes["After"], union)
    figures = [
        _side(title, shape, boxes[title], layout, edges) for title, shape in sides.items() if shape
    ]
    kind = "pair" if layout.width <= _BESIDE else None
    legend = _legend(boxes, len(every) - len(ids))
    return joined((tag("div", *figures, class_=kind), legend))


def _near(sides: Mapping[str, DagShape | None], every: Sequence[str]) -> list[str]:
    """Return the tasks that differ, or whose edges do, and those right before and behind them."""
    tasks = _tasks(sides)
    edges = {
        title: {(above, task.task_id) for task in side.values() for above in task.upstream}
        for title, side in tasks.items()
    }
    differing = {end for edge in edges["Before"] ^ edges["After"] for end in edge}
    differing |= {
        name
        for title, other in (("Before", "After"), ("After", "Before"))
        for name, task in tasks[title].items()
        if _difference(title, task, tasks[other].get(name)) != _SAME
    }
    near = {end for edge in edges["Before"] | edges["After"] if differing & {*edge} for end in edge}
    return [one for one in every if one in near | differing]


def _legend(boxes: Mapping[str, Mapping[str, Box]], left: int) -> Html | None:
    signs = {box.sign for side in boxes.values() for box in side.values()}
    marks = [marked(*one) for one in _LEGEND if one[0] in signs]
    more = tag("span", f"{count(left, 'other task')} not drawn") if left else None
    return tag("p", joined(marks, " "), more, class_="legend") if marks or left else None


def _side(
    title: str,
    shape: DagShape,
    boxes: Mapping[str, Box],
    layout: Layout,
    edges: Mapping[str, Sequence[Edge]],
) -> Html:
    other = "After" if title == "Before" else "Before"
    here, there = frozenset(edges[title]), frozenset(edges[other])
    fresh = "edge gone" if title == "Before" else "edge come"

    def kind(edge: Edge) -> str:
        if edge not in here:
            return ""
        return "edge" if edge in there else fresh

    schedule = f", {shape.schedule}" if shape.schedule else ""
    label = f"{title}: {shape.dag_id}, {count(len(shape.tasks), 'task')}{schedule}"
    return tag("figure", tag("figcaption", label), drawn(label, boxes, layout, kind))


def _boxes(
    title: str, sides: Mapping[str, DagShape | None], owned: Mapping[str, str]
) -> dict[str, Box]:
    tasks = _tasks(sides)
    here = {name: task for name, task in tasks[title].items() if name in owned}
    there = tasks["After" if title == "Before" else "Before"]
    boxes = {}
    for name, ids in by_box(here, owned).items():
        differing = [_difference(title, here[one], there.get(one)) for one in ids]
        signs = {one[0] for one in differing}
        sign, kind = differing[0] if len(signs) == 1 else ("~", "warn")
        if len(ids) > 1 or name not in ids:
            label, note = f"{name.removesuffix('.')} ▸", count(len(ids), "task")
        else:
            (task,) = (here[one] for one in ids)
            label, note = task.task_id, f"{task.operator}{' [mapped]' if task.mapped else ''}"
        boxes[name] = Box(label, note, sign, kind, f"{label}: {note}")
    return boxes


def _difference(title: str, task: TaskShape, other: TaskShape | None) -> tuple[str, str]:
    """Return the mark and the class of a task."""
    if other is None:
        return (MINUS, "bad") if title == "Before" else ("+", "ok")
    same = (task.operator, task.mapped, dict(task.fields)) == (
        other.operator, other.mapped, dict(other.fields),
    )  # fmt: skip
    return _SAME if same else ("~", "warn")


def _tasks(sides: Mapping[str, DagShape | None]) -> dict[str, dict[str, TaskShape]]:
    """Return the tasks of each state by id."""
    return {
        title: {task.task_id: task for task in (shape.tasks if shape else ())}
        for title, shape in sides.items()
    }
