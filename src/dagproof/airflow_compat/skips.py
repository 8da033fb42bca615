"""Hears why a task skips itself: Airflow logs it and forgets it."""

import contextlib
from collections.abc import Iterator
from typing import Any
from unittest import mock


@contextlib.contextmanager
def skip_reasons() -> Iterator[list[str]]:
    """Yield a list of what the attempt says when it raises AirflowSkipException."""
    from airflow.sdk.execution_time import task_runner

    execute = task_runner._execute_task  # noqa: SLF001 - no public seam
    said: list[str] = []

    def execute_and_hear(*arguments: Any, **options: Any) -> Any:
        try:
            return execute(*arguments, **options)
        except Exception as error:
            if any(one.__name__ == "AirflowSkipException" for one in type(error).__mro__):
                said.append(str(error))
            raise

    with mock.patch.object(task_runner, "_execute_task", execute_and_hear):
        yield said
