"""Runs DAGs in a process of their own, and in another one when a task ends it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from dagproof.config import ConfiguredRun, Settings
from dagproof.gate.messages import (
    AttemptEnded,
    Message,
    RunBegins,
    RunEnded,
    Said,
    TaskBegins,
    Told,
    Unable,
    Work,
)
from dagproof.gate.process import Ended, OnMessage
from dagproof.model import DagOutcome, Report, TaskError, TaskOutcome, Tracking

Start = Callable[[Work, OnMessage], Ended]


@dataclass(slots=True)
class _Seen:
    """What a process has said of its runs."""

    outcomes: list[DagOutcome] = field(default_factory=list)
    dag: str = ""
    task: str = ""
    tasks: dict[str, TaskOutcome] = field(default_factory=dict)

    def hear(self, message: Message) -> None:
        if isinstance(message, RunBegins):
            self.dag, self.task, self.tasks = message.dag, "", {}
        elif isinstance(message, TaskBegins):
            self.task = message.label
        elif isinstance(message, AttemptEnded):
            self.tasks[message.task.label], self.task = message.task, ""
        elif isinstance(message, RunEnded):
            self.outcomes.append(message.outcome)
            self.dag = ""


def run_all(
    settings: Settings,
    runs: Sequence[ConfiguredRun],
    backend: str | None,
    on_message: OnMessage,
    files: Mapping[str, str],
    start: Start,
) -> Told | Unable:
    """Run DAGs; one that ends the process has failed, and those behind it are run all the same.

    Args:
        settings: of the repository.
        runs: the DAGs with their confs.
        backend: what stands behind the services, where that was asked for.
        on_message: told what happens.
        files: the files of DAGs as far as they are known, by id.
        start: has a process do something.
    """
    left = list(runs)
    outcomes: list[DagOutcome] = []
    tracking = Tracking()
    while left:
        seen = _Seen()

        def hear(message: Message, seen: _Seen = seen) -> None:
            seen.hear(message)
            on_message(message)

        ended = start(_work(settings, left, backend), hear)
        if isinstance(ended.answer, Told):
            report = ended.answer.report
            outcomes += report.runs
            tracking = _both(tracking, report.tracking)
            break
        if isinstance(ended.answer, Unable) and not seen.outcomes and not outcomes:
            return ended.answer
        outcomes += seen.outcomes
        if isinstance(ended.answer, Unable):
            return _with_what_ran(ended.answer, outcomes)
        if not seen.dag:
            early = "The process of the runs ended before any of them began"
            return Unable(f"{early}: {ended.told}", 3)
        outcomes.append(_lost(seen, ended, files.get(seen.dag, "")))
        left = left[len(seen.outcomes) + 1 :]
        on_message(Said(f"the process of the runs ended with {seen.dag}: {ended.ending}"))
    return Told(Report(runs=tuple(outcomes), tracking=tracking))


def _with_what_ran(unable: Unable, outcomes: Sequence[DagOutcome]) -> Unable:
    """Say how far the runs came."""
    done = ", ".join(f"{one.dag_id} ({one.state})" for one in outcomes)
    return replace(unable, message=f"{unable.message} It had run: {done}.")


def _work(settings: Settings, left: Sequence[ConfiguredRun], backend: str | None) -> Work:
    return Work("run", settings, None, {"runs": tuple(left), "backend": backend})


def _both(one: Tracking, other: Tracking) -> Tracking:
    return Tracking((*one.runs, *other.runs), (*one.versions, *other.versions))


def _lost(seen: _Seen, ended: Ended, path: str) -> DagOutcome:
    """Return the outcome of a run whose process ended in the middle of it."""
    error = TaskError(
        "ProcessEnded",
        f"its process ended in the middle of it: {ended.ending}",
        f"The process ended: {ended.ending}. It had printed:\n{ended.printed}",
    )
    tasks = list(seen.tasks.values())
    if seen.task:
        tasks = [one for one in tasks if one.label != seen.task]
        before = seen.tasks.get(seen.task)
        tries = before.tries + 1 if before else 1
        task_id, _, index = seen.task.removesuffix("]").partition("[")
        tasks.append(
            TaskOutcome(task_id, int(index) if index else -1, "failed", tries, 0.0, error=error)
        )
    return DagOutcome(seen.dag, "", "failed", tuple(tasks), 0.0, None if seen.task else error, path)
