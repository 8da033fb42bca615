"""Marks failures that another try cannot mend, so that Airflow does not retry them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar, cast

_P = ParamSpec("_P")
_R = TypeVar("_R")


class PermanentError(Exception):
    """The task cannot succeed however often it is tried; one sentence for the user."""


def no_retry(function: Callable[_P, _R]) -> Callable[_P, _R]:
    """Let a PermanentError of a task's function fail the task at once, whatever its retries."""

    @wraps(function)
    def called(*args: _P.args, **kwargs: _P.kwargs) -> _R:
        try:
            return function(*args, **kwargs)
        except PermanentError as error:
            raise _fail_exception()(str(error)) from error

    return called


def _fail_exception() -> type[Exception]:
    try:
        from airflow.sdk.exceptions import AirflowFailException
    except ImportError:  # Airflow 3.0
        from airflow.exceptions import AirflowFailException
    return cast("type[Exception]", AirflowFailException)
