"""Stands around what a task executes, within all that Airflow does about it."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any
from unittest import mock


@contextlib.contextmanager
def around_body(around: Callable[[Callable[[], Any]], Any]) -> Iterator[None]:
    """Have `around` called with what carries out a task's body; its own outcome counts."""
    from airflow.sdk.execution_time import task_runner

    execute = task_runner._execute_task  # noqa: SLF001 - no public seam

    def execute_within(*arguments: Any, **options: Any) -> Any:
        return around(lambda: execute(*arguments, **options))

    with mock.patch.object(task_runner, "_execute_task", execute_within):
        yield
