"""Renders templates of tasks as a run would, without a run and without a database."""

import contextlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from dagproof.airflow_compat.stand_in import StandIn

FIRST_DATE: Final = datetime(2024, 2, 29, 6, 30, tzinfo=UTC)
"""The logical date of a run that nobody gave one: a leap day, so that arithmetic shows."""

_ID: Final = UUID(int=1)
_RETURNED: Final = "return_value"
_LAST: Final[list[tuple[Any, datetime, tuple[datetime, datetime]]]] = []
"""A DAG, a date and the interval: timetables are made anew for each question, in a millisecond."""


@dataclass(frozen=True, slots=True)
class Run:
    """The run that a task is rendered for.

    Attributes:
        conf: of the run, plain JSON data.
        params: what Airflow makes of it with the DAG's Params, where somebody has asked before.
        logical_date: timezone-aware; None for a run that an asset has triggered.
        xcoms: what other tasks are taken to have pushed, by task id and key, or by task id alone
            for the value that it returned.
    """

    conf: Mapping[str, object] = field(default_factory=dict)
    params: Mapping[str, object] | None = None
    logical_date: datetime | None = FIRST_DATE
    xcoms: Mapping[str | tuple[str, str], object] = field(default_factory=dict)


@dataclass(slots=True)
class Answers:
    """What Airflow's metadata answers while something is rendered, and what was asked of it.

    Attributes:
        xcoms: what tasks are taken to have pushed, as in a `Run`.
        unknown: names of what a stand-in was given for, in order.
        pulled: whose XComs were asked for: ids of DAGs and tasks.
    """

    xcoms: Mapping[str | tuple[str, str], object] = field(default_factory=dict)
    unknown: list[str] = field(default_factory=list)
    pulled: list[tuple[str, str]] = field(default_factory=list)

    def absent(self, name: str) -> bool:  # noqa: ARG002 - of a subclass
        """Say whether a Variable or a Connection is one that Airflow does not know."""
        return False

    def stand_in(self, name: str) -> StandIn:
        """Return a stand-in for something that only a run can know."""
        self.unknown.append(name)
        return StandIn(name)

    def forget(self) -> None:
        """Forget what was asked."""
        self.unknown.clear()
        self.pulled.clear()


def instance(task: Any, run: Run, map_index: int = -1) -> Any:
    """Return the task instance that Airflow makes in a worker, with its context.

    Args:
        task: an operator of a DAG, as it was imported.
        run: the run.
        map_index: of a mapped task's instance.

    Raises:
        Exception: Airflow refuses the conf.
    """
    from airflow.sdk.api.datamodels._generated import DagRun, TaskInstanceState, TIRunContext
    from airflow.sdk.execution_time.task_runner import RuntimeTaskInstance

    facts = _dag_run(task.dag, run)
    dag_run = DagRun(**{name: fact for name, fact in facts.items() if name in DagRun.model_fields})
    from_server: dict[str, Any] = {"dag_run": dag_run, "max_tries": 0}
    if "upstream_map_indexes" in TIRunContext.model_fields:  # 3.0 and 3.1
        from_server["upstream_map_indexes"] = _indexes_in_group(task, map_index)
    return RuntimeTaskInstance.model_construct(
        id=_ID,
        task_id=task.task_id,
        dag_id=task.dag.dag_id,
        run_id=dag_run.run_id,
        try_number=1,
        map_index=map_index,
        task=task.prepare_for_execution(),
        bundle_instance=None,
        _ti_context_from_server=TIRunContext(**from_server),
        max_tries=0,
        start_date=facts["start_date"],
        state=TaskInstanceState.RUNNING,
    )


def _indexes_in_group(task: Any, map_index: int) -> dict[str, int]:
    """Return which instances of the same mapped group a task pulls from."""
    group = task.get_closest_mapped_task_group()
    if group is None or map_index < 0:
        return {}
    members = {one.node_id for one in group.iter_tasks()}
    return {one: map_index for one in task.upstream_task_ids if one in members}


def _dag_run(dag: Any, run: Run) -> Mapping[str, Any]:
    date = run.logical_date
    start, end = _interval(dag, date) if date is not None else (None, None)
    after = date or FIRST_DATE
    return {
        "dag_id": dag.dag_id,
        "run_id": f"manual__{after.isoformat()}"
        if date
        else f"asset_triggered__{after.isoformat()}",
        "logical_date": date,
        "data_interval_start": start,
        "data_interval_end": end,
        "run_after": after,
        "start_date": after,
        "end_date": None,
        "run_type": "manual" if date else "asset_triggered",
        "state": "running",
        "conf": json.loads(json.dumps(dict(run.conf))),
        "consumed_asset_events": [],
        "partition_key": None,
    }


def _interval(dag: Any, date: datetime) -> tuple[datetime, datetime]:
    """Return the data interval of a manual run, as Airflow infers it."""
    import pendulum

    if _LAST and _LAST[0][0] is dag and _LAST[0][1] == date:
        return _LAST[0][2]
    timetable = dag.timetable
    with contextlib.suppress(ImportError):  # before 3.2 there is one kind of timetable
        from airflow.serialization.encoders import coerce_to_core_timetable

        timetable = coerce_to_core_timetable(timetable)
    interval = timetable.infer_manual_data_interval(run_after=pendulum.instance(date))
    _LAST[:] = [(dag, date, (interval.start, interval.end))]
    return _LAST[0][2]


def is_asset_triggered(dag: Any) -> bool:
    """Say whether the DAG runs when assets are updated: such a run has no logical date."""
    kinds = {one.__name__ for one in type(dag.timetable).__mro__}
    return not kinds.isdisjoint({"AssetTriggeredTimetable", "AssetOrTimeSchedule"})
