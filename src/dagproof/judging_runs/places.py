"""Where the tasks of a DAG are defined."""

import ast
from collections.abc import Sequence
from pathlib import Path

from dagproof.audit.seeing import show
from dagproof.import_audit.places import Sources
from dagproof.model import DagOutcome, Span
from dagproof.proving.literals import Literals


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

    def line(self, path: str, number: int) -> Span:
        """Return what stands on a line of a file."""
        return self._sources.span((path, number, number, 0, 0, ""))

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
