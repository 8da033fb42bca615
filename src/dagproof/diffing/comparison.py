"""Compares the DAGs of two states of a repository, and says what each difference can do."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dagproof.airflow_compat.shapes import DAG_DEFAULTS
from dagproof.diffing import dag_harm
from dagproof.diffing.changes_of_edges import edge_changes
from dagproof.diffing.changes_of_params import param_changes
from dagproof.diffing.changes_of_tasks import task_changes
from dagproof.diffing.harm import NONE
from dagproof.diffing.pairing import renamed_dags, renamed_tasks, respoken
from dagproof.diffing.wording import change, told_change
from dagproof.model import DagDiff, DagShape, Fate, Severity, ShapeChange

_ORDER: Final = {severity: number for number, severity in enumerate(Severity)}


def diffs(before: Sequence[DagShape], after: Sequence[DagShape]) -> tuple[DagDiff, ...]:
    """Return how DAGs differ, in order of id, each with its changes from most harmful on.

    A DAG that has only moved to another file does not differ.

    Args:
        before: the DAGs as they were.
        after: the DAGs as they are.
    """
    old, new = _by_id(before), _by_id(after)
    names = renamed_dags(
        [dag for dag_id, dag in old.items() if dag_id not in new],
        [dag for dag_id, dag in new.items() if dag_id not in old],
    )
    came = {new_id: old_id for old_id, new_id in names.items()}
    found = [
        *(_removed(dag) for dag_id, dag in old.items() if dag_id not in new.keys() | names.keys()),
        *(_added(dag) for dag_id, dag in new.items() if dag_id not in old.keys() | came.keys()),
        *(
            _changed(old[was], dag)
            for was, dag in ((came.get(dag_id, dag_id), dag) for dag_id, dag in new.items())
            if was in old
        ),
    ]
    told = [one for one in found if one.changes]
    return tuple(sorted(told, key=lambda one: one.dag_id))


def _by_id(dags: Sequence[DagShape]) -> dict[str, DagShape]:
    return {dag.dag_id: dag for dag in dags}


def _removed(dag: DagShape) -> DagDiff:
    told = change("dag_id", dag.dag_id, "", f"`{dag.dag_id}` is gone", dag_harm.of_removed())
    return DagDiff(dag.dag_id, Fate.REMOVED, before=dag, changes=(told,))


def _added(dag: DagShape) -> DagDiff:
    told = change("dag_id", "", dag.dag_id, f"`{dag.dag_id}` is new", dag_harm.of_new(dag))
    return DagDiff(dag.dag_id, Fate.ADDED, after=dag, changes=(told,))


def _changed(before: DagShape, after: DagShape) -> DagDiff:
    renamed = before.dag_id != after.dag_id
    tasks = renamed_tasks(before, after)
    changes = [
        *(_renamed(before.dag_id, after) if renamed else ()),
        *_fields(before, after),
        *param_changes(before, after),
        *task_changes(before, after, tasks),
        *edge_changes(before, after, tasks),
    ]
    changes.sort(key=lambda one: _ORDER[one.severity])
    return DagDiff(
        after.dag_id, Fate.RENAMED if renamed else Fate.CHANGED, before, after, tuple(changes)
    )


def _renamed(old: str, dag: DagShape) -> Iterator[ShapeChange]:
    message = f"`{old}` is `{dag.dag_id}` now"
    yield change("dag_id", old, dag.dag_id, message, dag_harm.of_renamed(old, dag))


def _fields(before: DagShape, after: DagShape) -> Iterator[ShapeChange]:
    """Yield how what holds for a whole DAG differs, its schedule first."""
    words = {before.dag_id: after.dag_id}
    had, has = _all(before), _all(after)
    for name in dict.fromkeys(["schedule", *sorted(had.keys() | has.keys())]):
        default = DAG_DEFAULTS.get(name, "")
        one, other = had.get(name, default), has.get(name, default)
        if one == other or respoken(one, words) == other:
            continue
        harm = NONE if before.dag_id != after.dag_id else dag_harm.harm_of(name, one, other, after)
        yield told_change(name, f"`{name}`", one, other, harm)


def _all(dag: DagShape) -> Mapping[str, str]:
    return {"schedule": dag.schedule, **dag.fields}
