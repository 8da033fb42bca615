"""Says how a task has ended for good: a failure that no other try can mend, or nothing to do."""

from collections.abc import Callable
from functools import wraps
from importlib import import_module
from typing import ParamSpec, TypeVar, cast

_P = ParamSpec("_P")
_R = TypeVar("_R")


class PermanentError(Exception):
    """The task cannot succeed however often it is tried; one sentence for the user."""


class NothingToDoError(Exception):
    """There is nothing to work on yet, which is no failure; one sentence for the user."""


def no_retry(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a PermanentError of a task's function fail the task at once, whatever its retries."""
    return _raising(function, PermanentError, "AirflowFailException")


def skips(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a NothingToDoError of a task's function skip the task, and those behind it."""
    return _raising(function, NothingToDoError, "AirflowSkipException")


def _raising(function: Callable[_P, _R], ours: type[Exception], airflows: str) -> Callable[_P, _R]:
    @wraps(function)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except ours as error:
            raise _exception(airflows)(str(error)) from error

    return called


def _exception(name: str) -> type[Exception]:
    try:
        return cast("type[Exception]", getattr(import_module("airflow.sdk.exceptions"), name))
    except (AttributeError, ImportError):  # Airflow 3.0
        return cast("type[Exception]", getattr(import_module("airflow.exceptions"), name))
