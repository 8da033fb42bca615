"""Ends a task as skipped, in one sentence, where there is nothing for it to do."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

_P = ParamSpec("_P")
_R = TypeVar("_R")


class NothingToDoError(Exception):
    """There is nothing to work on yet, which is no failure; one sentence for the user."""


def skips(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a NothingToDoError of a task's function skip the task, and those behind it."""

    @wraps(function)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except NothingToDoError as error:
            raise _skip_exception()(str(error)) from error

    return called


def _skip_exception() -> type[Exception]:
    try:
        from airflow.sdk.exceptions import AirflowSkipException
    except ImportError:  # Airflow 3.0
        from airflow.exceptions import AirflowSkipException
    return cast("type[Exception]", AirflowSkipException)
