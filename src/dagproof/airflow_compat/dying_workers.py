"""Lets workers die after the work of a task is done, and before they could say so."""

import contextlib
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from typing import Any
from unittest import mock

from dagproof.model import Attempt


class DyingWorkers:
    """Stands around attempts; the first success of each task instance with a retry left is lost.

    The task has executed and pushed its XComs. What does not happen is the message that it
    succeeded: Airflow hears that it is to be tried again, as it would of a worker that is gone,
    and no retry policy is asked, since there is no exception.

    Args:
        spared: ids of tasks whose workers never die.
    """

    def __init__(self, spared: Collection[str] = ()) -> None:
        self.died: set[tuple[str, int]] = set()
        self._spared = spared

    @contextlib.contextmanager
    def __call__(self, attempt: Attempt) -> Iterator[None]:
        """Be around one attempt."""
        from airflow.sdk.execution_time import task_runner

        instance = (attempt.task_id, attempt.map_index)
        succeed = task_runner._handle_current_task_success  # noqa: SLF001 - no public seam

        def lose(context: Any, ti: Any) -> Any:
            known = ti._ti_context_from_server  # noqa: SLF001 - the same
            if instance in self.died or not (known and known.should_retry):
                return succeed(context, ti)
            self.died.add(instance)
            ti.end_date = datetime.now(tz=UTC)
            retry = task_runner.RetryTask(end_date=ti.end_date)
            return retry, task_runner.TaskInstanceState.UP_FOR_RETRY

        if attempt.task_id in self._spared:
            yield
            return
        with mock.patch.object(task_runner, "_handle_current_task_success", lose):
            yield
