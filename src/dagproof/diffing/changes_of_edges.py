"""How the order differs in which the tasks of a DAG run."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from dagproof.diffing.harm import NONE, Harm, remark, warning
from dagproof.diffing.wording import change, listed
from dagproof.model import DagShape, ShapeChange

_UNTIMELY = warning("It can start too early, and find what it needs missing or from an earlier run")


def edge_changes(
    before: DagShape, after: DagShape, names: Mapping[str, str]
) -> Iterator[ShapeChange]:
    """Yield which tasks run after others that they did not run after, and the other way round.

    Tasks that are in one state alone are looked through: who ran after what was before them.

    Args:
        before: the DAG as it was.
        after: the DAG as it is.
        names: new ids of renamed tasks by their old ones.
    """
    old = {
        names.get(task.task_id, task.task_id): [names.get(one, one) for one in task.upstream]
        for task in before.tasks
    }
    new = {task.task_id: list(task.upstream) for task in after.tasks}
    both = old.keys() & new.keys()
    rules = {task.task_id: task.fields.get("trigger_rule", "") for task in after.tasks}
    for task_id in sorted(both):
        had, has = _nearest(task_id, old, both), _nearest(task_id, new, both)
        if had != has:
            lost = sorted(had - _above(task_id, new))
            won = sorted(has - _above(task_id, old))
            if lost:
                told = f"`{task_id}` no longer runs after {listed(lost)}"
                yield change("edges", ", ".join(lost), "", told, _UNTIMELY)
            if won:
                told = f"`{task_id}` runs after {listed(won)} now"
                yield change("edges", "", ", ".join(won), told, NONE)
            if not lost and not won:
                yield _closer(task_id, sorted(had), sorted(has), _harm(rules[task_id]))


def _closer(task_id: str, had: Sequence[str], has: Sequence[str], harm: Harm) -> ShapeChange:
    """Return that a task has others right before it, although nothing runs in another order."""
    told = f"Right before `{task_id}` there is {listed(has)} now, in the same order as before"
    return change("edges", ", ".join(had), ", ".join(has), told, harm)


def _harm(rule: str) -> Harm:
    return remark(f"`trigger_rule` `{rule}` looks at other tasks than before") if rule else NONE


def _nearest(
    task_id: str, upstream: Mapping[str, Sequence[str]], both: AbstractSet[str]
) -> set[str]:
    """Return the closest tasks before one that both states have."""
    return _walked(task_id, upstream, both)


def _above(task_id: str, upstream: Mapping[str, Sequence[str]]) -> set[str]:
    """Return all tasks before one."""
    return _walked(task_id, upstream, frozenset())


def _walked(
    task_id: str, upstream: Mapping[str, Sequence[str]], ends: AbstractSet[str]
) -> set[str]:
    """Return what the ways up end at; everything that is met where nothing ends them."""
    seen: set[str] = set()
    waiting = list(upstream.get(task_id, ()))
    while waiting:
        one = waiting.pop()
        if one not in seen:
            seen.add(one)
            if one not in ends:
                waiting += upstream.get(one, ())
    return seen & ends if ends else seen
