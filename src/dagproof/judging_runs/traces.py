"""Turns what runs have left, and what repetitions have changed, into what the rules look at."""

from collections.abc import Iterator, Sequence

from dagproof.judging_runs.failures import failures
from dagproof.judging_runs.places import Places
from dagproof.model import (
    Counterexample,
    DagOutcome,
    Repetition,
    RepetitionTrace,
    Report,
    StateDifference,
    TaskOutcome,
    TrackedRun,
)
from dagproof.reporters.words import count

TWICE = "duplicate-tracking-run"
DIFFERENT = "not-idempotent"


def repetition_traces(report: Report) -> tuple[RepetitionTrace, ...]:
    """Return what a report shows of running its DAGs again, a trace for each DAG."""
    if report.repetitions:
        failed = (_of_failures(run) for run in report.runs)
        return (*map(_of_repetition, report.repetitions), *failed)
    return tuple(_of_run(run, report.tracking.runs) for run in report.runs)


def _of_repetition(repetition: Repetition) -> RepetitionTrace:
    places = Places(repetition.path, repetition.dag_id, repetition.runs)
    found = (_counterexample(repetition.dag_id, one, places) for one in repetition.differences)
    return RepetitionTrace(places.file, tuple(found))


def _counterexample(dag_id: str, one: StateDifference, places: "Places") -> Counterexample:
    tasks = [f"`{task}`" for task in one.tasks]
    if tasks:
        who = f"Task {tasks[0]}" if len(tasks) == 1 else f"Tasks {' and '.join(tasks)}"
    else:
        who = f"DAG `{dag_id}`"
    first = one.tasks[0] if one.tasks else ""
    offence = TWICE if one.duplicate_tracking else DIFFERENT
    return Counterexample(
        offence, f"{who}: {one.message}", places.span(first), dag_id, first, one.name
    )


def _of_failures(run: DagOutcome) -> RepetitionTrace:
    places = Places(run.path, run.dag_id, (run,))
    return RepetitionTrace(places.file, tuple(failures(run, places)))


def _of_run(run: DagOutcome, tracked: Sequence[TrackedRun]) -> RepetitionTrace:
    """Return what failed, and the MLflow runs that tasks which were retried have left twice."""
    places = Places(run.path, run.dag_id, (run,))
    known = {one.run_id: one for one in tracked}
    found: dict[tuple[str, str], Counterexample] = {}
    for task in run.tasks:
        for message in _doubled(task, known):
            key = (task.task_id, message)
            span = places.span(task.task_id)
            found.setdefault(key, Counterexample(TWICE, message, span, run.dag_id, task.task_id))
    return RepetitionTrace(places.file, (*failures(run, places), *found.values()))


def _doubled(task: TaskOutcome, known: dict[str, TrackedRun]) -> Iterator[str]:
    """Yield what several tries of a task instance have begun once for each try.

    Of runs with one name in one experiment a task may well make several; they are told where one
    of them did not finish, or where there are as many as tries.
    """
    if task.tries < 2 or task.stubbed:  # noqa: PLR2004 - a first try doubles nothing
        return
    groups: dict[tuple[str, str], list[TrackedRun]] = {}
    for run_id in task.mlflow_runs:
        if run_id in known:
            one = known[run_id]
            groups.setdefault((one.experiment, one.name), []).append(one)
    for (experiment, name), runs in groups.items():
        unfinished = any(one.status != "FINISHED" for one in runs)
        if len(runs) > 1 and (unfinished or len(runs) == task.tries):
            yield (
                f"Task `{task.task_id}`: {count(task.tries, 'try')} left "
                f"{len(runs)} runs `{name}` in MLflow experiment `{experiment}`"
            )
