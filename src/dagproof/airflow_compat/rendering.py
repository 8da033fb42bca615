"""Renders templates of tasks as a run would, without a run and without a database."""

import contextlib
import copy
import json
import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, Final
from unittest import mock
from uuid import UUID

from dagproof.airflow_compat.stand_in import StandIn

FIRST_DATE: Final = datetime(2024, 2, 29, 6, 30, tzinfo=UTC)
"""The logical date of a run that nobody gave one: a leap day, so that arithmetic shows."""

_ID: Final = UUID(int=1)
_RETURNED: Final = "return_value"
_INTERVALS: Final[dict[tuple[int, datetime], tuple[datetime, datetime]]] = {}
"""Of the last DAG: timetables are made anew for each question, which takes a millisecond."""


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
    return RuntimeTaskInstance.model_construct(
        id=_ID,
        task_id=task.task_id,
        dag_id=task.dag.dag_id,
        run_id=dag_run.run_id,
        try_number=1,
        map_index=map_index,
        task=task.prepare_for_execution(),
        bundle_instance=None,
        _ti_context_from_server=TIRunContext(dag_run=dag_run, max_tries=0),
        max_tries=0,
        start_date=facts["start_date"],
        state=TaskInstanceState.RUNNING,
    )


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

    key = (id(dag), date)
    if key in _INTERVALS:
        return _INTERVALS[key]
    timetable = dag.timetable
    with contextlib.suppress(ImportError):  # before 3.2 there is one kind of timetable
        from airflow.serialization.encoders import coerce_to_core_timetable

        timetable = coerce_to_core_timetable(timetable)
    interval = timetable.infer_manual_data_interval(run_after=pendulum.instance(date))
    _INTERVALS.clear()
    _INTERVALS[key] = interval.start, interval.end
    return _INTERVALS[key]


def is_asset_triggered(dag: Any) -> bool:
    """Say whether the DAG runs when assets are updated: such a run has no logical date."""
    kinds = {one.__name__ for one in type(dag.timetable).__mro__}
    return not kinds.isdisjoint({"AssetTriggeredTimetable", "AssetOrTimeSchedule"})


@contextlib.contextmanager
def offline(answers: Answers) -> Iterator[None]:
    """Answer for XComs, Variables and Connections where there is nobody to ask.

    Variables and Connections come from the environment where it has them. Where nothing is known, a
    stand-in is given.
    """
    from airflow.sdk import Connection
    from airflow.sdk.definitions import param
    from airflow.sdk.execution_time import context, task_runner

    backend = task_runner.XCom
    with ExitStack() as stack:

        def patch(owner: Any, name: str, function: Any) -> None:
            stack.enter_context(mock.patch.object(owner, name, function))

        of_copies = _params_of_copies(task_runner.process_params)
        for module in (task_runner, param):
            patch(module, "process_params", of_copies)
        patch(context, "_get_variable", _variable(answers))
        patch(context, "_get_connection", _connection(answers, Connection))
        patch(Connection, "get", staticmethod(_connection(answers, Connection)))
        patch(backend, "get_one", staticmethod(_pull_one(answers)))
        patch(backend, "deserialize_value", staticmethod(_read_back(backend.deserialize_value)))
        if hasattr(backend, "get_all"):
            patch(backend, "get_all", staticmethod(_pull_all(answers)))
        stack.enter_context(
            mock.patch.object(task_runner, "SUPERVISOR_COMMS", _Nobody(answers), create=True)
        )
        yield


def _params_of_copies(process: Callable[..., Any]) -> Callable[..., Any]:
    """Let Airflow write a conf into copies: in a worker the Params go with the process."""

    def params(dag: Any, task: Any, conf: Any, **options: Any) -> Any:
        of_dag, of_task = (
            SimpleNamespace(params=copy.deepcopy(getattr(one, "params", None)) or {})
            for one in (dag, task)
        )
        return process(of_dag, of_task, conf, **options)

    return params


def _variable(answers: Answers) -> Callable[[str, bool], Any]:
    def get(key: str, deserialize_json: bool) -> Any:
        text = os.environ.get(f"AIRFLOW_VAR_{key.upper()}")
        if text is None:
            return answers.stand_in(f"var.{key}")
        return json.loads(text) if deserialize_json else text

    return get


def _connection(answers: Answers, connection: Any) -> Callable[[str], Any]:
    kind = _reading(connection)

    def get(conn_id: str) -> Any:
        given = os.environ.get(f"AIRFLOW_CONN_{conn_id.upper()}", "")
        if not given:
            return answers.stand_in(f"conn.{conn_id}")
        if given.startswith("{"):
            return kind.from_json(given, conn_id)
        if kind is connection:
            return kind.from_uri(given, conn_id)
        return kind(conn_id=conn_id, uri=given)

    return get


def _reading(connection: Any) -> Any:
    """Return what reads a connection; before 3.1 it takes longer to load than a template may."""
    given = any(name.startswith("AIRFLOW_CONN_") for name in os.environ)
    if hasattr(connection, "from_uri") or not given:
        return connection
    from airflow.models.connection import Connection

    return Connection


def _known(answers: Answers, dag_id: str, task_id: str, key: str) -> tuple[bool, object]:
    answers.pulled.append((dag_id, task_id))
    names: tuple[Any, ...] = ((task_id, key), *((task_id,) if key == _RETURNED else ()))
    for name in names:
        if name in answers.xcoms:
            value = answers.xcoms[name]
            if isinstance(value, list) and any(isinstance(one, StandIn) for one in value):
                answers.unknown.append(f"xcom.{task_id}")
            return True, value
    return False, answers.stand_in(
        f"xcom.{task_id}" if key == _RETURNED else f"xcom.{task_id}[{key!r}]"
    )


def _pull_one(answers: Answers) -> Callable[..., Any]:
    def get_one(
        *,
        key: str = _RETURNED,
        dag_id: str = "",
        task_id: str = "",
        map_index: int | None = None,
        **_: Any,
    ) -> Any:
        is_known, value = _known(answers, dag_id, task_id, key)
        if is_known and map_index is not None and map_index >= 0 and isinstance(value, list):
            return value[map_index] if map_index < len(value) else None
        return value

    return get_one


def _read_back(deserialize: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(stored: Any) -> Any:
        return stored.value if isinstance(stored.value, StandIn) else deserialize(stored)

    return read


def _pull_all(answers: Answers) -> Callable[..., Any]:
    def get_all(*, key: str = _RETURNED, dag_id: str = "", task_id: str = "", **_: Any) -> Any:
        return [_known(answers, dag_id, task_id, key)[1]]

    return get_all


class _Nobody:
    """Stands where a supervisor would be asked; what it cannot know, a stand-in is given for."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def send(self, message: Any, *_: Any, **__: Any) -> Any:
        """Answer as the supervisor of a first run would."""
        from airflow.sdk.execution_time import comms

        answer: Any = None
        match type(message).__name__:
            case "GetPrevSuccessfulDagRun":
                answer = comms.PrevSuccessfulDagRunResult()  # there has been none
            case "GetTICount":
                answer = comms.TICount(count=1)  # of who pulls, as of those that it pulls from
            case "GetXComCount":
                answer = self._of_sequence(message, _count)
            case "GetXComSequenceItem":
                answer = self._of_sequence(message, lambda all_: _item(all_, message.offset))
            case "GetXComSequenceSlice":
                asked = slice(message.start, message.stop, message.step)
                answer = self._of_sequence(message, lambda all_: _slice(all_[asked]))
        return self._answers.stand_in(type(message).__name__) if answer is None else answer

    def _of_sequence(self, message: Any, answer: Callable[[list[Any]], Any]) -> Any:
        is_known, value = _known(self._answers, message.dag_id, message.task_id, message.key)
        return answer(list(value)) if is_known and isinstance(value, list | tuple) else value

    get_message = send
    asend = send


def _count(items: list[Any]) -> Any:
    from airflow.sdk.execution_time import comms

    return comms.XComCountResponse(len=len(items))


def _slice(items: list[Any]) -> Any:
    from airflow.sdk.execution_time import comms

    root = [_serialized(one) for one in items]
    return comms.XComSequenceSliceResult.model_construct(root=root)


def _item(items: list[Any], offset: int) -> Any:
    from airflow.sdk.exceptions import ErrorType
    from airflow.sdk.execution_time import comms

    if -len(items) <= offset < len(items):
        return comms.XComSequenceIndexResult.model_construct(root=_serialized(items[offset]))
    return comms.ErrorResponse(error=ErrorType.XCOM_NOT_FOUND)


def _serialized(value: object) -> Any:
    from airflow.sdk.execution_time.xcom import XCom

    return value if isinstance(value, StandIn) else XCom.serialize_value(value)
