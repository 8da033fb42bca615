"""Answers for Airflow's metadata where there is neither a supervisor nor a database to ask."""

import contextlib
import copy
import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from types import SimpleNamespace
from typing import Any, Final
from unittest import mock

from dagproof.airflow_compat.rendering import Answers
from dagproof.airflow_compat.stand_in import StandIn

_RETURNED: Final = "return_value"


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
        if text is None and answers.absent(f"var.{key}"):
            raise _not_found("VARIABLE_NOT_FOUND", key)
        if text is None:
            return answers.stand_in(f"var.{key}")
        return json.loads(text) if deserialize_json else text

    return get


def _not_found(kind: str, key: str) -> Exception:
    """Return what Airflow raises, and takes for a sign that there is only the default."""
    from airflow.sdk.exceptions import AirflowRuntimeError, ErrorType
    from airflow.sdk.execution_time.comms import ErrorResponse

    error: Exception = AirflowRuntimeError(
        ErrorResponse(error=ErrorType[kind], detail={"message": f"{key} is not known"})
    )
    return error


def _connection(answers: Answers, connection: Any) -> Callable[[str], Any]:
    kind = _reading(connection)

    def get(conn_id: str) -> Any:
        given = os.environ.get(f"AIRFLOW_CONN_{conn_id.upper()}", "")
        if not given and answers.absent(f"conn.{conn_id}"):
            raise _not_found("CONNECTION_NOT_FOUND", conn_id)
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

        kind, answer = type(message).__name__, None
        if kind == "MaskSecret":
            return None  # nothing is asked
        match kind:
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
        return self._answers.stand_in(kind) if answer is None else answer

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
