"""Hears why a task skips itself: Airflow logs it and forgets it."""

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

from dagproof.airflow_compat.task_body import around_body


@contextlib.contextmanager
def skip_reasons() -> Iterator[list[str]]:
    """Yield a list of what the attempt says when it raises AirflowSkipException."""
    said: list[str] = []

    def hear(body: Callable[[], Any]) -> Any:
        try:
            return body()
        except Exception as error:
            if any(one.__name__ == "AirflowSkipException" for one in type(error).__mro__):
                said.append(str(error))
            raise

    with around_body(hear):
        yield said
