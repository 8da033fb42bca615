"""Draws many tasks as one box where a picture would be too large: their task groups."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from dagproof.model import DagShape

_MOST: Final = 40
"""Boxes of a picture in which every task has its own."""

Edge = tuple[str, str]


def owners(task_ids: Sequence[str]) -> Mapping[str, str]:
    """Return the box of each task: its own id, or that of the group that is drawn in its place.

    Groups are closed, the deepest first, until the picture is small enough.

    Args:
        task_ids: with their groups.
    """
    deepest = max((one.count(".") for one in task_ids), default=0)
    owned = {one: one for one in task_ids}
    for depth in range(deepest, 0, -1):
        if len(set(owned.values())) <= _MOST:
            break
        owned = {one: _group(one, depth) for one in task_ids}
    return owned


def edges_of(shape: DagShape, owned: Mapping[str, str]) -> list[Edge]:
    """Return what runs after what, between boxes.

    Args:
        shape: the DAG.
        owned: the box of each task.
    """
    pairs = (
        (owned[above], owned[task.task_id])
        for task in shape.tasks
        for above in task.upstream
        if above in owned and task.task_id in owned
    )
    return list(dict.fromkeys(pair for pair in pairs if pair[0] != pair[1]))


def by_box(task_ids: Iterable[str], owned: Mapping[str, str]) -> dict[str, list[str]]:
    """Return the tasks of each box, in order."""
    boxes: dict[str, list[str]] = {}
    for one in task_ids:
        boxes.setdefault(owned[one], []).append(one)
    return boxes


def _group(task_id: str, depth: int) -> str:
    parts = task_id.split(".")
    return ".".join(parts[:depth]) + "." if len(parts) > depth else task_id
