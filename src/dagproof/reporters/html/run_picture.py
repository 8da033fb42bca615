"""Draws a run: its DAG, each task with what became of it."""

from collections import Counter
from collections.abc import Mapping, Sequence

from dagproof.model import DagOutcome, DagShape, TaskOutcome
from dagproof.reporters.html.escape import Html, joined, tag
from dagproof.reporters.html.grouping import by_box, edges_of, owners
from dagproof.reporters.html.parts import WORST, mark, marked, seconds
from dagproof.reporters.html.picture import Box, arranged, cut, drawn, in_rows
from dagproof.reporters.words import count


def run_picture(run: DagOutcome, shape: DagShape | None) -> Html:
    """Return the picture of a run, and what its marks mean.

    Args:
        run: how its tasks ended.
        shape: of its DAG; None where nobody has imported it: then nothing is known of what runs
            after what, and tasks stand in the order in which they started.
    """
    instances: dict[str, list[TaskOutcome]] = {}
    for task in run.tasks:
        instances.setdefault(task.task_id, []).append(task)
    every = [task.task_id for task in shape.tasks] if shape else []
    ids = list(dict.fromkeys((*every, *instances)))
    if not ids:
        return Html()
    owned = owners(ids)
    boxes = {
        name: _box(name, tasks, [one for task in tasks for one in instances.get(task, ())])
        for name, tasks in by_box(ids, owned).items()
    }
    edges = edges_of(shape, owned) if shape else []
    layout = arranged(boxes, edges) if shape else in_rows(boxes)
    states = Counter(task.state for task in run.tasks)
    told = ", ".join(f"{number} {state}" for state, number in sorted(states.items()))
    label = f"Tasks of {run.dag_id}: {told or 'none ran'}"
    return joined((drawn(label, boxes, layout), _legend(states, known=shape is not None)))


def state_of(tasks: Sequence[TaskOutcome]) -> str:
    """Return the state that tells most about the instances of a task; empty where none ran."""
    states = {task.state for task in tasks}
    others = sorted(states - {"success", "skipped"})
    return next((one for one in (*WORST, *others, "success", "skipped") if one in states), "")


def _box(name: str, tasks: Sequence[str], instances: Sequence[TaskOutcome]) -> Box:
    group = name not in tasks
    state = state_of(instances)
    sign, kind = mark(state) if state else ("○", "off")
    label = f"{name.removesuffix('.')} ▸" if group else name
    note = _note(tasks if group else (), instances)
    states = Counter(task.state or "no state" for task in instances)
    told = ", ".join(f"{number} {one}" for one, number in sorted(states.items())) or "did not run"
    alone = len(instances) == 1 and cut(label) == label
    return Box(label, note, sign, kind, "" if alone else f"{label}: {told}")


def _note(tasks: Sequence[str], instances: Sequence[TaskOutcome]) -> str:
    if not instances:
        return "did not run"
    if tasks or len(instances) > 1:
        states = Counter(mark(task.state)[0] for task in instances)
        of_states = " ".join(f"{number} {sign}" for sign, number in states.most_common())
        return f"{count(len(tasks), 'task')}: {of_states}" if tasks else f"mapped: {of_states}"
    (task,) = instances
    if task.stubbed:
        return "stubbed"
    if not task.tries:
        return task.state.replace("_", " ")
    return (
        f"{seconds(task.seconds)}, {task.tries} tries" if task.tries > 1 else seconds(task.seconds)
    )


def _legend(states: Mapping[str, int], *, known: bool) -> Html:
    marks = [
        marked(*mark(state), f"{number} {state.replace('_', ' ')}")
        for state, number in sorted(states.items())
        if state
    ]
    unknown = None if known else "No import was seen: boxes stand in the order of their start."
    return tag("p", joined(marks, " "), tag("span", unknown) if unknown else None, class_="legend")
