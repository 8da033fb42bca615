"""Says which Airflow task is running, and that none is."""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class TaskIdentity:
    """The task instance that is running.

    Attributes:
        dag_id: its DAG.
        run_id: Airflow's run id.
        task_id: its task, with groups.
        map_index: -1 for a task that is not mapped.
        try_number: 1 at the first attempt.
    """

    dag_id: str
    run_id: str
    task_id: str
    map_index: int
    try_number: int

    @property
    def key(self) -> str:
        """What stays the same over all tries: `dag_id/run_id/task_id/map_index`."""
        return f"{self.dag_id}/{self.run_id}/{self.task_id}/{self.map_index}"


def current() -> TaskIdentity | None:
    """Return the running task instance, or None outside a task; never imports Airflow."""
    module = sys.modules.get("airflow.sdk.definitions.context")
    if module is None:  # nothing runs tasks in a process that has not imported the SDK
        return None
    try:
        context = module.get_current_context()
    except RuntimeError:
        return None
    return identity(context)


def identity(context: Mapping[str, Any]) -> TaskIdentity | None:
    """Read the task instance out of an Airflow context; None where it holds none."""
    instance = context.get("ti") or context.get("task_instance")
    if instance is None:
        return None
    return TaskIdentity(
        dag_id=str(instance.dag_id),
        run_id=str(instance.run_id),
        task_id=str(instance.task_id),
        map_index=-1 if (index := getattr(instance, "map_index", None)) is None else int(index),
        try_number=int(getattr(instance, "try_number", None) or 1),
    )
