"""Leaves out what differs from import to import, of which two states say nothing."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import Final

from dagproof.diffing.wording import listed
from dagproof.model import DagShape, ImportTrace, TaskShape

Place = tuple[str, str]
"""A task, or nothing for the whole DAG, and the name of a field."""

_NAMES: Final[Mapping[str, str]] = {
    "timetable": "schedule",
    "python_callable_name": "python_callable",
    "expand_input": "expand",
    "op_kwargs_expand_input": "expand",
    "_task_module": "class",
    "task_type": "class",
}
"""Names in Airflow's form of what has another one in a shape."""


def varying(
    traces: Iterable[ImportTrace], dags: Iterable[DagShape]
) -> Mapping[str, frozenset[Place]]:
    """Return the places that differ between two imports of the same file, by DAG id.

    Args:
        traces: what was seen, of files that were imported twice.
        dags: the DAGs of any state, whose tasks are known by name.
    """
    tasks: dict[str, set[str]] = {}
    for dag in dags:
        tasks.setdefault(dag.dag_id, set()).update(task.task_id for task in dag.tasks)
    found: dict[str, set[Place]] = {}
    for trace in traces:
        for one in trace.differences:
            if one.dag_id in tasks:
                place = _place(one.where, tasks[one.dag_id])
                found.setdefault(one.dag_id, set()).add(place)
    return {dag_id: frozenset(places) for dag_id, places in found.items()}


def _place(where: str, tasks: AbstractSet[str]) -> Place:
    """Return which field of what a place in Airflow's form belongs to."""
    task = max(
        (one for one in tasks if where.startswith(f"tasks.{one}.")), key=len, default=""
    )  # ids have dots where there are groups
    rest = where.removeprefix(f"tasks.{task}." if task else "")
    rest = rest.removeprefix("partial_kwargs.")
    name = rest.partition(".")[0].partition("[")[0]
    return task, _NAMES.get(name, name)


def without(
    dags: Sequence[DagShape], places: Mapping[str, AbstractSet[Place]]
) -> tuple[DagShape, ...]:
    """Return DAGs without what differs from import to import."""
    return tuple(_without(dag, places[dag.dag_id]) if dag.dag_id in places else dag for dag in dags)


def _without(dag: DagShape, places: AbstractSet[Place]) -> DagShape:
    return replace(
        dag,
        schedule="" if ("", "schedule") in places else dag.schedule,
        params={} if ("", "params") in places else dag.params,
        fields={name: text for name, text in dag.fields.items() if ("", name) not in places},
        tasks=tuple(_task_without(task, places) for task in dag.tasks),
    )


def _task_without(task: TaskShape, places: AbstractSet[Place]) -> TaskShape:
    said = {name: text for name, text in task.fields.items() if (task.task_id, name) not in places}
    return task if len(said) == len(task.fields) else replace(task, fields=said)


def left_out(places: Mapping[str, AbstractSet[Place]]) -> Iterator[str]:
    """Yield a sentence about what is not compared, if there is anything."""
    names = [
        ".".join(filter(None, (dag_id, task, field)))
        for dag_id, here in sorted(places.items())
        for task, field in sorted(here)
    ]
    if names:
        yield f"Not compared, since it differs from import to import: {listed(names)}."
