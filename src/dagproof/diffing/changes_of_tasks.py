"""How the tasks of a DAG differ: which there are, and what was set."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from dagproof.airflow_compat.shapes import TASK_DEFAULTS
from dagproof.diffing.harm import NONE, error, warning
from dagproof.diffing.pairing import respoken
from dagproof.diffing.task_harm import harm_of
from dagproof.diffing.wording import change, listed, sentence, told_change
from dagproof.model import DagShape, ShapeChange, TaskShape
from dagproof.reporters.words import count

_FOLDED: Final = 3
"""Tasks from which on the same difference is told once."""

_NEVER: Final = (
    "It never starts: with `depends_on_past` it waits for its instance in the run before, which "
    "has none, unless `ignore_first_depends_on_past` is set"
)


def task_changes(
    before: DagShape, after: DagShape, names: Mapping[str, str]
) -> Iterator[ShapeChange]:
    """Yield how the tasks of a DAG differ.

    Args:
        before: the DAG as it was.
        after: the DAG as it is.
        names: new ids of renamed tasks by their old ones.
    """
    old = {task.task_id: task for task in before.tasks}
    new = {task.task_id: task for task in after.tasks}
    came = {name: one for one, name in names.items()}
    words = {**names, before.dag_id: after.dag_id}
    for task_id, task in old.items():
        if task_id not in new and task_id not in names:
            yield _removed(task)
    for task_id, task in new.items():
        if task_id not in old and task_id not in came:
            yield _added(task)
        elif task_id in came:
            yield _renamed(came[task_id], task)
    kept = [(old[came.get(task_id, task_id)], task) for task_id, task in new.items()
            if came.get(task_id, task_id) in old]  # fmt: skip
    yield from _folded(
        [one for was, task in kept for one in _of_task(was, task, words)],
        {f"tasks.{task.task_id}.": task.task_id for _, task in kept},
    )


def _removed(task: TaskShape) -> ShapeChange:
    return change(
        f"tasks.{task.task_id}",
        task.operator,
        "",
        f"Task `{task.task_id}` is gone",
        warning(
            "Its unfinished instances in runs that are under way are set to `removed`, and whoever "
            "pulls its XCom gets None"
        ),
    )


def _added(task: TaskShape) -> ShapeChange:
    return change(
        f"tasks.{task.task_id}",
        "",
        task.operator,
        f"Task `{task.task_id}` is new",
        error(_NEVER) if _waits(task) else NONE,
    )


def _renamed(old: str, task: TaskShape) -> ShapeChange:
    harm = (
        f"Its history and XComs stay with `{old}`, whose unfinished instances in runs that are "
        f"under way are set to `removed`; `{task.task_id}` starts anew there"
    )
    return change(
        f"tasks.{task.task_id}",
        old,
        task.task_id,
        f"Task `{old}` is `{task.task_id}` now",
        error(_NEVER) if _waits(task) else warning(harm),
    )


def _waits(task: TaskShape) -> bool:
    """Say whether a task that earlier runs do not have waits for them."""
    said = task.fields.get
    past = "True" in {said("depends_on_past"), said("wait_for_downstream")}
    return past and said("ignore_first_depends_on_past") != "True"


def _of_task(was: TaskShape, task: TaskShape, words: Mapping[str, str]) -> Iterator[ShapeChange]:
    """Yield how a task differs that was there before, maybe under another id."""
    name = f"`{task.task_id}`"
    where = f"tasks.{task.task_id}"
    if was.mapped != task.mapped:
        yield _mapped(task)
    if was.operator != task.operator:
        yield told_change(f"{where}.operator", f"The operator of {name}", was.operator,
                          task.operator, NONE)  # fmt: skip
    renamed = was.task_id != task.task_id
    for field in sorted(was.fields.keys() | task.fields.keys()):
        default = TASK_DEFAULTS.get(field, "")
        had, has = was.fields.get(field, default), task.fields.get(field, default)
        if had == has or respoken(had, words) == has:
            continue
        if field == "class" and was.operator != task.operator:
            continue  # it is told already
        if renamed and field == "python_callable" and _last(had) == _last(was.task_id):
            continue  # the function bears the name of the task
        if field == "expand" and was.mapped != task.mapped:
            continue
        yield told_change(
            f"{where}.{field}", f"`{field}` of {name}", had, has, harm_of(field, had, has)
        )


def _mapped(task: TaskShape) -> ShapeChange:
    words = "is mapped now" if task.mapped else "is not mapped any more"
    value = "a list, one value for each instance" if task.mapped else "one value and no list"
    harm = f"Its XCom becomes {value}, and instances of runs that are under way are replaced"
    return change(
        f"tasks.{task.task_id}.mapped",
        str(not task.mapped),
        str(task.mapped),
        f"`{task.task_id}` {words}",
        warning(harm),
    )


def _folded(found: list[ShapeChange], tasks: Mapping[str, str]) -> Iterator[ShapeChange]:
    """Yield differences, those that several tasks share once."""
    alike = defaultdict(list)
    for one in found:
        field = one.where.rpartition(".")[2]
        alike[field, one.before, one.after, one.severity, one.harm].append(one)
    for (field, before, after, severity, harm), ones in alike.items():
        if len(ones) < _FOLDED:
            yield from ones
            continue
        names = [tasks[one.where.removesuffix(field)] for one in ones]
        subject = f"`{field}` of {count(len(names), 'task')}"
        told = f"{sentence(subject, before, after)}: {listed(names)}"
        yield ShapeChange(f"tasks.*.{field}", before, after, told, severity, harm)


def _last(name: str) -> str:
    return name.rpartition(".")[2]
