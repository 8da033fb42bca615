"""Fails tasks that would wait for another DAG, which nobody carries out under `dag.test()`."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock

from dagproof.airflow_compat.task_body import around_body

_SENSORS = "airflow.providers.standard.sensors.external_task"


@contextlib.contextmanager
def no_waiting(task_id: str) -> Iterator[None]:
    """Fail the attempt, for good, where it would wait for a run that nobody carries out."""
    with _no_wait_for_triggered(task_id), _no_wait_for_others(task_id):
        yield


@contextlib.contextmanager
def _no_wait_for_triggered(task_id: str) -> Iterator[None]:
    def without_waiting(body: Callable[[], Any]) -> Any:
        try:
            return body()
        except Exception as request:
            if not getattr(request, "wait_for_completion", False):
                raise
            target = getattr(request, "trigger_dag_id", "another DAG")
            raise _never(task_id, f"a run of `{target}` (`wait_for_completion`)") from None

    with around_body(without_waiting):
        yield


@contextlib.contextmanager
def _no_wait_for_others(task_id: str) -> Iterator[None]:
    """Let a sensor look once: what an earlier run has left is there, and nothing else will come."""
    sensor = getattr(sys.modules.get(_SENSORS), "ExternalTaskSensor", None)
    if sensor is None:  # the DAG has none
        yield
        return
    poke, execute = sensor.poke, sensor.execute

    def poke_once(self: Any, context: Any) -> Any:
        found = poke(self, context)
        if not found:
            raise _never(task_id, f"`{self.external_dag_id}` (`ExternalTaskSensor`)")
        return found

    def execute_here(self: Any, context: Any) -> Any:
        self.deferrable = False
        return execute(self, context)

    with (
        mock.patch.object(sensor, "poke", poke_once),
        mock.patch.object(sensor, "execute", execute_here),
    ):
        yield


def _never(task_id: str, what: str) -> Exception:
    try:
        from airflow.sdk.exceptions import AirflowFailException
    except ImportError:  # before 3.2
        from airflow.exceptions import AirflowFailException
    error: Exception = AirflowFailException(
        f"It would wait for {what}, which no scheduler carries out here; give its result by "
        f"`--stub {task_id}=null`, or try it on `dagproof cluster up`"
    )
    return error
