"""Tells which tasks and which DAGs are the same under another name."""

import re
from collections.abc import Callable, Hashable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final, TypeVar

from dagproof.model import DagShape, TaskShape

_SAME_FIELDS: Final = 0.5
"""Of the fields of a renamed task, how many are as they were."""

_SAME_NAME: Final = 0.5
"""How much of its name a function keeps when it is renamed together with its task."""

_SAME_TASK: Final = 0.6
_SAME_DAG: Final = 0.7
_TELLING: Final = 3
"""Tasks from which on two DAGs with the same ones need nothing else in common."""

_MOST_PAIRS: Final = 20_000
"""Pairs that are compared; among more, only names whose last part is the same are the same task."""

Shape = TypeVar("Shape")


def renamed_tasks(before: DagShape, after: DagShape) -> dict[str, str]:
    """Return the tasks that have another id now, by their old one."""
    old = {task.task_id for task in before.tasks}
    new = {task.task_id for task in after.tasks}
    names = dict.fromkeys(sorted((old ^ new) | {before.dag_id, after.dag_id}), "*")
    common = old & new
    changed = _changed_elsewhere(before, after)
    gone = _known(before, old - new, names, common, changed)
    come = _known(after, new - old, names, common, changed)
    pairs = _pairs(gone, come, _alike_tasks, _SAME_TASK)
    return {gone[one].shape.task_id: come[other].shape.task_id for one, other in pairs}


def renamed_dags(gone: Sequence[DagShape], come: Sequence[DagShape]) -> dict[str, str]:
    """Return the DAGs that have another id now, by their old one.

    Args:
        gone: whose id is not there any more.
        come: whose id was not there before.
    """
    old, new = ({dag.dag_id: dag for dag in dags} for dags in (gone, come))
    return dict(_pairs(old, new, _alike_dags, _SAME_DAG))


def respoken(text: str, names: Mapping[str, str]) -> str:
    """Return a text that names tasks or DAGs with the ids that they have now."""
    if not any(name in text for name in names):
        return text
    longest = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    return re.sub(rf"(?<![\w.-])(?:{longest})(?![\w.-])", lambda match: names[match[0]], text)


@dataclass(frozen=True, slots=True)
class _Task:
    """A task whose id is in one state of a DAG alone.

    Attributes:
        shape: the task.
        function: whether it is a function of its own name, as `@task` makes them.
        fields: what was set, without the names that differ.
        above: tasks of both states right before it.
        below: tasks of both states right after it.
    """

    shape: TaskShape
    function: bool
    fields: frozenset[tuple[str, str]]
    above: frozenset[str]
    below: frozenset[str]


def _changed_elsewhere(before: DagShape, after: DagShape) -> set[str]:
    """Return the fields that differ in tasks which kept their ids, as those of defaults do."""
    new = {task.task_id: task.fields for task in after.tasks}
    return {
        name
        for task in before.tasks
        for name, _ in task.fields.items() ^ new.get(task.task_id, task.fields).items()
    }


def _known(
    dag: DagShape,
    wanted: AbstractSet[str],
    names: Mapping[str, str],
    common: AbstractSet[str],
    changed: AbstractSet[str],
) -> dict[str, _Task]:
    below: dict[str, set[str]] = {}
    for task in dag.tasks:
        for above in task.upstream:
            below.setdefault(above, set()).add(task.task_id)
    return {
        task.task_id: _Task(
            task,
            _own_function(task),
            frozenset(
                (name, respoken(text, names))
                for name, text in task.fields.items()
                if name not in changed and not (name == "python_callable" and _own_function(task))
            ),
            frozenset(common & {*task.upstream}),
            frozenset(common & below.get(task.task_id, set())),
        )
        for task in dag.tasks
        if task.task_id in wanted
    }


def _pairs(
    gone: Mapping[str, Shape],
    come: Mapping[str, Shape],
    alike: Callable[[Shape, Shape], float],
    least: float,
) -> list[tuple[str, str]]:
    """Return who is who by their names, each at most once, the most alike first."""
    many = len(gone) * len(come) > _MOST_PAIRS
    found = [
        (alike(gone[one], come[other]), one, other)
        for one in gone
        for other in come
        if not many or _last(one) == _last(other)
    ]
    found = [one for one in found if one[0] >= least]
    found.sort(key=lambda one: (-one[0], *sorted(one[1:])))
    taken: set[str] = set()
    pairs = []
    for _, one, other in found:
        if not {one, other} & taken:
            taken |= {one, other}
            pairs.append((one, other))
    return pairs


def _alike_tasks(one: _Task, other: _Task) -> float:
    """Return how alike two tasks are, from 0 to 1; the same whichever of them was first."""
    if (one.shape.operator, one.shape.mapped) != (other.shape.operator, other.shape.mapped):
        return 0.0
    named = _likeness(_last(one.shape.task_id), _last(other.shape.task_id))
    if one.function and other.function and named < _SAME_NAME:
        return 0.0  # a function that bears the task's name is what the task is
    fields = _share(one.fields, other.fields)
    if fields < _SAME_FIELDS:
        return 0.0
    around = (_share(one.above, other.above) + _share(one.below, other.below)) / 2
    return 0.4 * fields + 0.3 * around + 0.3 * named


def _alike_dags(one: DagShape, other: DagShape) -> float:
    """Return how alike two DAGs are, from 0 to 1; the same whichever of them was first."""
    if not one.tasks or not other.tasks:
        return 0.0
    tasks = _share({*map(_of_dag, one.tasks)}, {*map(_of_dag, other.tasks)})
    named = _likeness(one.dag_id, other.dag_id)
    telling = min(len(one.tasks), len(other.tasks)) >= _TELLING
    at_home = one.path == other.path and bool(one.path)
    if tasks < 1 and not (at_home and tasks >= _SAME_DAG):
        return 0.0
    if not telling and not at_home and named < _SAME_NAME:
        return 0.0
    rest = _share(
        {("", one.schedule), *one.params.items(), *one.fields.items()},
        {("", other.schedule), *other.params.items(), *other.fields.items()},
    )
    return 0.8 * tasks + 0.2 * (rest + named + at_home) / 3


def _of_dag(task: TaskShape) -> tuple[str, str, tuple[str, ...], bool]:
    return task.task_id, task.operator, task.upstream, task.mapped


def _own_function(task: TaskShape) -> bool:
    """Say whether a task is a function of its own name, as `@task` makes them."""
    name = task.fields.get("python_callable", "")
    return bool(name) and name.rpartition(".")[2] == _last(task.task_id)


def _last(name: str) -> str:
    return name.rpartition(".")[2]


def _likeness(one: str, other: str) -> float:
    """Return how alike two names are, from 0 to 1."""
    first, second = sorted((one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _share(one: AbstractSet[Hashable], other: AbstractSet[Hashable]) -> float:
    """Return how much of two sets is in both; of two empty ones, all."""
    whole = one | other
    return len(one & other) / len(whole) if whole else 1.0
