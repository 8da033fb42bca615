"""Runs a DAG while services fail on purpose; what that does to Airflow is the run's outcome."""

import contextlib
import os
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import Any, Protocol
from unittest import mock

from dagproof.airflow_compat import database
from dagproof.model import (
    Attempt,
    DagOutcome,
    DagproofError,
    Environment,
    Fault,
    FaultRecord,
    TaskError,
    TaskOutcome,
    UsageError,
)
from dagproof.runner.execution import RunOptions, run_dag
from dagproof.runner.failures import describe


class Board(Protocol):
    """Where the faults of a run are switched on and off."""

    environment: Environment

    def begin_run(self) -> None:
        """Begin the faults that are there from the beginning."""

    def attempt(self, attempt: Attempt) -> AbstractContextManager[None]:
        """Begin and end what begins and ends with an attempt of a task."""

    def has_begun(self, service: str) -> bool:
        """Say whether a fault of a service has begun, over or not."""

    def records(self, start: float) -> tuple[FaultRecord, ...]:
        """Return what became of each fault, in seconds from the start of the run."""


@contextlib.contextmanager
def in_force(board: Board) -> Iterator[None]:
    """Lead this process to services by way of their faults, the metadata database included."""
    with contextlib.ExitStack() as stack:
        stack.callback(database.use_configured_database)  # when the environment is as before
        stack.enter_context(mock.patch.dict(os.environ, board.environment))
        database.use_configured_database()
        board.begin_run()
        yield


def check_faults(dag: Any, faults: Iterable[Fault]) -> None:
    """Refuse faults that can never begin.

    Raises:
        UsageError: one begins with a task that the DAG does not have.
    """
    for fault in faults:
        if fault.at is not None and fault.at not in dag.task_ids:
            tasks = ", ".join(f"`{task}`" for task in sorted(dag.task_ids))
            raise UsageError(
                f"DAG `{dag.dag_id}` has no task `{fault.at}` for the fault `{fault}` to begin "
                f"with. Its tasks: {tasks}."
            )


def run_dag_among(board: Board, dag: Any, roots: Sequence[Path], options: RunOptions) -> DagOutcome:
    """Run `dag` as `run_dag` does, while faults begin and end.

    Args:
        board: switches the faults.
        dag: a DAG as `find_dag` gives it.
        roots: folders of the user's own modules, whose globals are guarded between tasks.
        options: how.

    Raises:
        KeyboardInterrupt: Ctrl-C, also when a task caught it.
    """
    ended: dict[str, TaskOutcome] = {}

    def on_task(task: TaskOutcome) -> None:
        ended[task.label] = task
        options.on_task(task)

    companions = (*options.companions, board.attempt)
    started = time.monotonic()
    try:
        outcome = run_dag(dag, roots, replace(options, on_task=on_task, companions=companions))
    except DagproofError:
        raise
    except Exception as error:
        if not board.has_begun("postgres"):
            raise
        outcome = DagOutcome(
            dag_id=dag.dag_id,
            run_id="",
            state="failed",
            tasks=tuple(ended.values()),
            seconds=time.monotonic() - started,
            error=_lost(error),
            path=getattr(dag, "fileloc", ""),
        )
    return replace(outcome, faults=board.records(started))


def _lost(error: Exception) -> TaskError:
    told = describe(error)
    sentence = "Airflow could not go on without its metadata database, which a fault is on."
    return replace(
        told,
        message=f"{sentence} {told.message}",
        traceback=f"{sentence}\n{told.traceback}",
    )
