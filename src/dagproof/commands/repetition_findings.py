"""Turns what runs have left, and what repetitions have changed, into what the rules look at."""

import ast
from collections.abc import Iterator, Sequence
from pathlib import Path

from dagproof.audit.seeing import show
from dagproof.import_audit.places import Sources
from dagproof.model import (
    Counterexample,
    DagOutcome,
    Repetition,
    RepetitionTrace,
    Report,
    Span,
    StateDifference,
    TaskOutcome,
    TrackedRun,
)
from dagproof.proving.literals import Literals
from dagproof.reporters.words import count

TWICE = "duplicate-tracking-run"
DIFFERENT = "not-idempotent"


def repetition_traces(report: Report) -> tuple[RepetitionTrace, ...]:
    """Return what a report shows of running its DAGs again, a trace for each DAG."""
    again = tuple(_of_repetition(one) for one in report.repetitions)
    if report.repetitions:
        return again
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


def _of_run(run: DagOutcome, tracked: Sequence[TrackedRun]) -> RepetitionTrace:
    """Return the MLflow runs that tasks which were retried by themselves have left twice."""
    places = Places(run.path, run.dag_id, (run,))
    known = {one.run_id: one for one in tracked}
    found: dict[tuple[str, str], Counterexample] = {}
    for task in run.tasks:
        for message in _doubled(task, known):
            key = (task.task_id, message)
            span = places.span(task.task_id)
            found.setdefault(key, Counterexample(TWICE, message, span, run.dag_id, task.task_id))
    return RepetitionTrace(places.file, tuple(found.values()))


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
                f"Task `{task.task_id}`: {count(task.tries, 'try').replace('trys', 'tries')} left "
                f"{len(runs)} runs `{name}` in MLflow experiment `{experiment}`"
            )


class Places:
    """Knows where the tasks of a DAG are defined.

    Args:
        path: of the DAG's file; empty where it has none.
        dag_id: the DAG.
        runs: of the DAG, with what their tasks have pushed.
    """

    def __init__(self, path: str, dag_id: str, runs: Sequence[DagOutcome]) -> None:
        self.file = show(Path(path or "."))
        self._dag_id = dag_id
        self._sources = Sources(show)
        self._literals = Literals()
        self._pushed = {
            task.task_id: (record.path, record.line)
            for run in runs
            for task in run.tasks
            for record in task.pushed
            if record.path
        }
        self._functions = _functions(Path(path)) if path else {}

    def span(self, task_id: str) -> Span:
        """Return the task's callable, else where its id stands, else the DAG, else the file."""
        if task_id in self._pushed:
            return self._sources.whole(*self._pushed[task_id])
        name = task_id.rpartition(".")[2]
        for text in (name, name.rpartition("__")[0], task_id, self._dag_id):
            line = self._functions.get(text)
            if line is not None:
                return Span(self.file, line, 1, line, 1)
            found = self._literals.find(self.file, text, None) if text else None
            if found is not None:
                return found
        return Span(self.file, 1, 1, 1, 1)


def _functions(path: Path) -> dict[str, int]:
    """Return the line of each function of a file, its decorators included."""
    try:
        tree = ast.parse(path.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError):
        return {}
    found: dict[str, int] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = [node.lineno, *(one.lineno for one in node.decorator_list)]
            found.setdefault(node.name, min(lines))
    return found
