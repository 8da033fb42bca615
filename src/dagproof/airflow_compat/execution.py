"""Runs a DAG by its own `dag.test()`, with a hand on every attempt of every task."""

import contextlib
import functools
import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest import mock

from dagproof.airflow_compat.environment import bundle_environment
from dagproof.airflow_compat.execution_api import one_api_client
from dagproof.airflow_compat.params import refused_by_file
from dagproof.airflow_compat.skips import skip_reasons
from dagproof.airflow_compat.task_process import task_in_our_process
from dagproof.airflow_compat.triggers import TriggeredRuns, triggering
from dagproof.airflow_compat.waiting import no_waiting
from dagproof.airflow_compat.xcom_pushes import Push, pushes_watched
from dagproof.airflow_compat.xcoms import configured
from dagproof.model import Attempt, UsageError


class Interruption(BaseException):
    """Ends the run and not only the task in which it is raised."""


@dataclass(frozen=True, slots=True)
class AttemptResult:
    """How one try ended.

    Attributes:
        state: Airflow's for it.
        error: the exception, when there was one.
        reason: what the task said when it skipped itself.
    """

    state: str
    error: BaseException | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FinalState:
    """What the metadata database says of one task instance after the run."""

    task_id: str
    map_index: int
    state: str
    tries: int
    xcoms: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class FinishedRun:
    """What `dag.test()` left in the metadata database."""

    run_id: str
    state: str
    tasks: Sequence[FinalState]
    triggered: TriggeredRuns = ()


@dataclass(frozen=True, slots=True)
class UnreadableXCom:
    """Stands for an XCom value that was pushed and cannot be read back."""

    error: str


Around = Callable[[Attempt, Callable[[], AttemptResult]], AttemptResult]
"""Called for each attempt with the function that carries it out; must call it at most once."""

OnPush = Callable[[Attempt, Push], None]
"""Told of each value that an attempt pushes to XCom, in the middle of it; must not raise."""


def execute(
    dag: Any,
    *,
    conf: Mapping[str, object] | None,
    logical_date: datetime | None,
    stubs: Mapping[str, object],
    real_retry_delays: bool,
    around: Around,
    on_push: OnPush | None = None,
    targets: Sequence[Path] = (),
) -> FinishedRun:
    """Run `dag` in this process and return what it left.

    Args:
        dag: a DAG as `load_file` gives it.
        conf: the run's conf.
        logical_date: timezone-aware; now when None.
        stubs: return values by task id, given in place of executing the task.
        real_retry_delays: wait through `retry_delay` as a scheduler would.
        around: wraps each attempt.
        on_push: told of what goes to XCom; None where nobody wants to know.
        targets: files of the DAGs that it triggers, whose runs begin and are not carried out.

    Raises:
        Interruption: raised inside a task; the run stops there.
        KeyboardInterrupt: the same.
    """
    bundle = bundle_environment(Path(dag.fileloc), targets)
    dates = {} if logical_date is None else {"logical_date": logical_date}
    with contextlib.ExitStack() as stack:
        stack.enter_context(mock.patch.dict(os.environ, bundle))
        stack.enter_context(one_api_client())
        stack.enter_context(configured())  # whoever imported Airflow first, and when
        stack.enter_context(_wrapped_attempts(around, stubs, on_push))
        if not real_retry_delays:
            stack.enter_context(_no_retry_delays())
        triggered = triggering(targets)
        finished = _finished(dag.test(run_conf=dict(conf or {}), **dates))
        return replace(finished, triggered=triggered((dag.dag_id, finished.run_id)))


def check_conf(dag: Any, conf: Mapping[str, object]) -> None:
    """Validate a conf against the DAG's Params as Airflow does before it creates a run.

    Raises:
        UsageError: the DAG refuses the conf; names the parameter.
    """
    refusal = refused_by_file(dag, conf)
    if refusal is None:
        return
    # The class lives elsewhere in each version, and importing it from the old place warns.
    if type(refusal.error).__name__ != "ParamValidationError":
        raise refusal.error
    sentence = str(refusal.error).partition("\n")[0].rstrip(".")
    raise UsageError(f"DAG `{dag.dag_id}` refuses this conf: {sentence}.") from refusal.error


@contextlib.contextmanager
def _wrapped_attempts(
    around: Around, stubs: Mapping[str, object], on_push: OnPush | None
) -> Iterator[None]:
    from airflow.sdk.execution_time import supervisor, task_runner

    original = supervisor.run_task_in_process

    def run_task_in_process(ti: Any, task: Any, **options: Any) -> Any:
        results: list[Any] = []
        attempt = Attempt(ti.task_id, -1 if ti.map_index is None else ti.map_index, ti.try_number)

        def proceed() -> AttemptResult:
            with contextlib.ExitStack() as stack:
                stack.enter_context(task_in_our_process())
                stack.enter_context(no_waiting(ti.task_id))
                reasons = stack.enter_context(skip_reasons())
                if on_push is not None:
                    stack.enter_context(pushes_watched(task, functools.partial(on_push, attempt)))
                if ti.task_id in stubs:
                    stubbed = mock.patch.object(
                        task_runner, "_execute_task", return_value=stubs[ti.task_id]
                    )
                    stack.enter_context(stubbed)
                try:
                    results.append(original(ti=ti, task=task, **options))
                except SystemExit as error:  # Airflow catches those of the task itself
                    raise RuntimeError(
                        f"a callback of the task raised SystemExit({error.code!r})"
                    ) from error
            result = results[-1]
            if isinstance(result.error, KeyboardInterrupt | Interruption):
                raise result.error
            return AttemptResult(_text(result.ti.state), result.error, "".join(reasons[-1:]))

        around(attempt, proceed)
        return results[-1]

    with mock.patch.object(supervisor, "run_task_in_process", run_task_in_process):
        yield


@contextlib.contextmanager
def _no_retry_delays() -> Iterator[None]:
    from airflow.models.taskinstance import TaskInstance

    def a_moment_ago(_: Any) -> datetime:
        return datetime.now(tz=UTC) - timedelta(seconds=1)

    with mock.patch.object(TaskInstance, "next_retry_datetime", a_moment_ago):
        yield


def _finished(run: Any) -> FinishedRun:
    from airflow.models.xcom import XComModel
    from airflow.utils.session import create_session
    from sqlalchemy import select

    with create_session() as session:
        rows = session.execute(
            select(XComModel.task_id, XComModel.map_index, XComModel.key, XComModel.value).where(
                XComModel.dag_id == run.dag_id, XComModel.run_id == run.run_id
            )
        ).all()
        xcoms: dict[tuple[str, int], dict[str, object]] = {}
        for row in rows:
            xcoms.setdefault((row.task_id, row.map_index), {})[row.key] = _read_back(row.value)
        instances = sorted(
            run.get_task_instances(session=session),
            key=lambda ti: (ti.start_date is None, ti.start_date, ti.task_id, ti.map_index),
        )
        tasks = [
            FinalState(
                ti.task_id,
                ti.map_index,
                _text(ti.state),
                ti.try_number if ti.start_date else 0,
                xcoms.get((ti.task_id, ti.map_index), {}),
            )
            for ti in instances
        ]
    return FinishedRun(run.run_id, _text(run.state), tasks)


def _read_back(stored: object) -> object:
    from airflow.sdk.execution_time.xcom import XCom

    try:
        value: object = XCom.deserialize_value(SimpleNamespace(value=stored))
    except Exception as error:  # noqa: BLE001 - any backend may be configured, and fail in any way
        return UnreadableXCom(f"{type(error).__name__}: {error}")
    return value


def _text(state: Any) -> str:
    return str(getattr(state, "value", state) or "none")
