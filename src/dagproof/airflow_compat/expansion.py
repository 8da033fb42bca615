"""What a task is expanded over: arguments of its own, or those of the group that it lies in."""

import contextlib
import math
from collections.abc import Mapping, Sized
from typing import Any, Final

from dagproof.airflow_compat.rendering import Answers

MOST_INSTANCES: Final = 5
"""Instances of a mapped task that are looked at; the others are made in the same way."""


def instances(task: Any) -> range:
    """Return the map indexes to look at: -1 alone for a task that is not expanded."""
    expanded = _expanded(task)
    if expanded is None:
        return range(-1, 0)
    return range(min(_count(getattr(expanded, "value", None)), MOST_INSTANCES))


def lists_to_expand(task: Any, answers: Answers) -> dict[Any, object]:
    """Return lists of one stand-in for the XComs that a task is expanded over."""
    expanded = _expanded(task)
    if expanded is None:
        return {}
    with contextlib.suppress(Exception):  # an operator's own idea of a reference
        return {
            one.task_id: [answers.stand_in(f"xcom.{one.task_id}[0]")]
            for one, _ in expanded.iter_references()
        }
    return {}


def _expanded(task: Any) -> Any:
    if task.is_mapped:
        return task._get_specified_expand_input()  # noqa: SLF001 - no public seam
    group = task.get_closest_mapped_task_group()
    return None if group is None else group._expand_input  # noqa: SLF001


def _count(value: object) -> int:
    """Return how many instances there are; one for each list that only a run knows."""
    values = value.values() if isinstance(value, Mapping) else [value]
    return math.prod(len(one) if isinstance(one, Sized) else 1 for one in values)
