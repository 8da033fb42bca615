"""Turns tasks that failed, and runs that ended without one, into what the rules look at."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dagproof.judging_runs.places import Places
from dagproof.model import Counterexample, DagOutcome, Span, TaskError, TaskOutcome
from dagproof.reporters.words import count

FAILED: Final = "failed-task"

_FRAME: Final = re.compile(r'^ *File "([^"\n]+)", line (\d+)', re.MULTILINE)
_LIBRARIES: Final = frozenset({"site-packages", "dist-packages"})
_LONGEST: Final = 200


def failures(run: DagOutcome, places: Places) -> Iterator[Counterexample]:
    """Yield the tasks that failed themselves; the run where it ended badly without one.

    Args:
        run: the run.
        places: knows where its tasks are defined.
    """
    if not run.path:
        return  # there is no place to show; the run itself is told
    for task in run.failures:
        span = _frame(task.error, run.path, places) or places.span(task.task_id)
        yield Counterexample(FAILED, _words(task), span, run.dag_id, task.task_id)
    if not run.succeeded and not run.failures:
        what = f"DAG `{run.dag_id}` ended in state `{run.state}`{_said(run.error)}"
        yield Counterexample(FAILED, what, places.span(""), run.dag_id)


def _words(task: TaskOutcome) -> str:
    tries = f" after {count(task.tries, 'try')}" if task.tries > 1 else ""
    return f"Task `{task.task_id}` failed{tries}{_said(task.error)}"


def _said(error: TaskError | None) -> str:
    if error is None:
        return ""
    kind = error.type.rpartition(".")[2]
    line = f"{kind}: {error.message.strip()}".removesuffix(": ").partition("\n")[0].rstrip(".")
    return f": {line if len(line) <= _LONGEST else f'{line[:_LONGEST]}…'}"


def _frame(error: TaskError | None, dag_file: str, places: Places) -> Span | None:
    """Return the innermost line of a traceback that is the repository's own."""
    for path, line in reversed(_FRAME.findall(error.traceback if error else "")):
        if _is_own(Path(path), Path(dag_file or "/")):
            return places.line(path, int(line))
    return None


def _is_own(path: Path, dag_file: Path) -> bool:
    folders = (Path.cwd(), dag_file.parent)
    inside = any(path.is_relative_to(folder) for folder in folders if folder != Path("/"))
    return inside and not _LIBRARIES & set(path.parts) and path.is_file()
