"""Answers for Variables and Connections where nobody may ask the metadata database."""

import json
import os
import sys
from collections.abc import Callable
from types import FrameType
from typing import Any

Question = Callable[[str, str, FrameType], None]
"""Told of a question to Airflow's metadata: the function, its first argument, who asks."""


def answer_metadata(ask: Question, stand_in: Callable[[str], Any]) -> None:
    """Answer for Variables and Connections from the environment, else by stand-ins.

    Args:
        ask: told of every question.
        stand_in: gives the answer for a name when nothing else does.
    """
    from airflow.models.connection import Connection as ModelConnection
    from airflow.models.variable import Variable as ModelVariable
    from airflow.sdk import Connection, Variable

    for owner in {Variable, ModelVariable}:
        _replace(owner, "get", _variable(ask, stand_in))
        _replace(owner, "set", _nothing(ask, "Variable.set"))
        _replace(owner, "delete", _nothing(ask, "Variable.delete"))
    for owner, name in (
        (Connection, "get"),
        (ModelConnection, "get_connection_from_secrets"),
        (_base_hook(), "get_connection"),
    ):
        label = "BaseHook.get_connection" if name == "get_connection" else "Connection.get"
        _replace(owner, name, _connection(ask, label, Connection))


def _base_hook() -> Any:
    try:
        from airflow.sdk import BaseHook
    except ImportError:  # 3.0
        from airflow.hooks.base import BaseHook
    return BaseHook


def _replace(owner: Any, name: str, function: Callable[..., Any]) -> None:
    if hasattr(owner, name):
        setattr(owner, name, classmethod(function))


def _variable(ask: Question, stand_in: Callable[[str], Any]) -> Callable[..., Any]:
    missing = object()

    def get(
        _: type,
        key: str,
        default: Any = missing,
        deserialize_json: bool = False,
        default_var: Any = missing,
        **_options: Any,
    ) -> Any:
        ask("Variable.get", str(key), _asker())
        text = os.environ.get(f"AIRFLOW_VAR_{key.upper()}")
        if text is not None:
            return json.loads(text) if deserialize_json else text
        for value in (default, default_var):
            if value is not missing:
                return value
        return stand_in(f"Variable {key!r}") if deserialize_json else "1"

    return get


def _nothing(ask: Question, label: str) -> Callable[..., None]:
    def called(_: type, key: str, *_arguments: Any, **_options: Any) -> None:
        ask(label, str(key), _asker())

    return called


def _connection(ask: Question, label: str, connection: Any) -> Callable[..., Any]:
    def get(_: type, conn_id: str, *_arguments: Any, **_options: Any) -> Any:
        ask(label, str(conn_id), _asker())
        given = os.environ.get(f"AIRFLOW_CONN_{conn_id.upper()}", "")
        if given.startswith("{") and hasattr(connection, "from_json"):
            return connection.from_json(given, conn_id)
        if given and hasattr(connection, "from_uri"):
            return connection.from_uri(given, conn_id)
        return connection(
            conn_id=conn_id, conn_type="generic", host="stand-in.invalid", login="stand-in",
            password="stand-in", schema="stand-in", port=1, extra="{}",  # noqa: S106 - nobody's
        )  # fmt: skip

    return get


def _asker() -> FrameType:
    return sys._getframe(2)  # noqa: SLF001 - there is no other way
