"""Takes what DAGs are made of from the child that imported them to the one who asked."""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dagproof.airflow_compat.shape_texts import speaker
from dagproof.airflow_compat.shapes import shape
from dagproof.import_audit.orders import Mode, Surroundings
from dagproof.import_audit.places import Show
from dagproof.model import DagShape, TaskShape

Record = list[Any]
"""A shape as plain data."""


class Shapes:
    """The shapes of one file's DAGs, as records; none of imports that only tell of differences.

    Args:
        surroundings: of the import.
        mode: of the import.
    """

    def __init__(self, surroundings: Surroundings, mode: Mode) -> None:
        self.records: list[Record] = []
        self._speak = speaker(surroundings.hidden)
        self._wanted = not surroundings.conditions.later and mode in {Mode.PLAIN, Mode.ALONE}

    def add(self, serialized: Mapping[str, Any]) -> None:
        """Add a DAG; one that Airflow writes in an unknown form is left out.

        Args:
            serialized: the DAG as Airflow keeps it.
        """
        if not self._wanted:
            return
        try:
            one = shape(serialized, self._speak)
        except Exception:  # noqa: BLE001 - it is not known, and is told to be so
            return
        tasks = [
            [task.task_id, task.operator, task.upstream, task.mapped, task.fields]
            for task in one.tasks
        ]
        self.records.append([one.dag_id, one.schedule, tasks, one.params, one.fields])


def hidden_folders(
    roots: Sequence[str], show: Show, scratch: Path, home: Path
) -> tuple[tuple[str, str], ...]:
    """Return folders by which texts of the same DAG would differ, each with the words for it.

    A copy of the repository is shown as what it is a copy of, whose own folder may be the working
    directory.

    Args:
        roots: absolute folders whose code is the user's own, the repository first.
        show: returns a path as findings show it.
        scratch: the folder that imports may write to.
        home: the scratch `AIRFLOW_HOME`.
    """
    ours = {str(scratch): "$TMPDIR", str(home): "$AIRFLOW_HOME"}
    if roots:
        shown = os.path.abspath(show(Path(roots[0])))  # noqa: PTH100 - resolve() follows links
        ours = {shown: ".", roots[0]: ".", **ours}
    return tuple(ours.items())


def shapes_of(records: Sequence[Record], path: str) -> tuple[DagShape, ...]:
    """Return the DAGs of records, in order of id.

    Args:
        records: as `Shapes` made them.
        path: of their file, as it is shown.
    """
    return tuple(sorted((_shape(record, path) for record in records), key=_dag_id))


def _shape(record: Record, path: str) -> DagShape:
    dag_id, schedule, tasks, params, fields = record
    return DagShape(
        dag_id,
        path,
        schedule,
        tuple(
            TaskShape(task_id, operator, tuple(upstream), mapped, said)
            for task_id, operator, upstream, mapped, said in tasks
        ),
        params,
        fields,
    )


def _dag_id(one: DagShape) -> str:
    return one.dag_id
