"""Chooses DAGs that a gate may run without being asked, and says why it may not run the others."""

import ast
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from dagproof.lint.deep import with_deep_stack
from dagproof.onboarding.layout import Layout
from dagproof.onboarding.refusals import imported, refusal, refused_import
from dagproof.rules.definitions import definitions
from dagproof.rules.entry_points import LIBRARIES, watched
from dagproof.rules.reading import Reading
from dagproof.source.file import SourceFile, parse
from dagproof.source.interpreter import Interpreter
from dagproof.source.modules import Finder, Place

MOST: Final = 3
_MOST_LEFT: Final = 5
_ENOUGH: Final = "enough are run already"

_EFFECTS: Final = ("DP101", "DP102", "DP103", "DP104", "DP105", "DP107", "DP110")
"""What files must not do when they are imported, by the rules that say so."""

_MOST_FILES: Final = 200
"""DAG files that are looked through; somebody with more chooses by hand."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A DAG that could be run.

    Attributes:
        dag_id: its id.
        why_not: why it is not run unasked; empty where it is.
    """

    dag_id: str
    why_not: str = ""


def candidates(layout: Layout, root: Path, *, airflow: bool) -> tuple[Candidate, ...]:
    """Return the DAGs to run, and some of those that are left to the user.

    Args:
        layout: of the repository.
        root: of the repository.
        airflow: whether Airflow is installed here; without it nothing is run unasked.
    """
    return with_deep_stack(lambda: _candidates(layout, root, airflow=airflow))


def _candidates(layout: Layout, root: Path, *, airflow: bool) -> tuple[Candidate, ...]:
    judge = _Judge(layout, root)
    everywhere = judge.plugins() if airflow else "Airflow is not installed where this was written"
    runs: list[Candidate] = []
    left: list[Candidate] = []
    seen: set[str] = set()
    for path in layout.files[:_MOST_FILES]:
        ids = [dag_id for dag_id in judge.dag_ids(path) if dag_id not in seen]
        seen.update(ids)
        if not ids or (len(runs) == MOST and len(left) >= _MOST_LEFT):
            continue
        why = everywhere or judge.why(path)
        for dag_id in ids:
            full = not why and len(runs) == MOST
            chosen = Candidate(dag_id, why or (_ENOUGH if full else ""))
            (left if chosen.why_not else runs).append(chosen)
    return (*runs, *left[:_MOST_LEFT])


def chosen_again(
    found: Sequence[Candidate], why_not: Callable[[str], str]
) -> tuple[Candidate, ...]:
    """Return the same DAGs, when more is known of them than reading tells.

    Args:
        found: as `candidates` returns them.
        why_not: says why a DAG is not to be run, empty where nothing is against it.
    """
    runs: list[Candidate] = []
    left: list[Candidate] = []
    for one in found:
        open_ = one.why_not in {"", _ENOUGH}
        why = why_not(one.dag_id) if open_ else one.why_not
        why = why or (_ENOUGH if len(runs) == MOST else "")
        (left if why else runs).append(replace(one, why_not=why))
    return (*runs, *left)


class _Judge:
    """Reads DAG files, and all that they import of the repository.

    Args:
        layout: of the repository.
        root: of the repository.
    """

    def __init__(self, layout: Layout, root: Path) -> None:
        plugins = (layout.plugins,) if layout.plugins else ()
        self._layout = layout
        self._finder = Finder((*layout.dags, *plugins, *layout.pythonpath), root, LIBRARIES)
        self._sources: dict[Path, SourceFile] = {}
        self._known: dict[Path, str] = {}

    def plugins(self) -> str:
        """Return what plugins do when they are imported, as each run does; empty if nothing."""
        files = sorted(self._layout.plugins.rglob("*.py")) if self._layout.plugins else []
        for path in files:
            reading = self._reading(path)
            if reading is None or any(map(reading.effects, _EFFECTS)):
                return f"the plugin {path.name} does more than define, when it is imported"
        return ""

    def dag_ids(self, path: Path) -> Sequence[str]:
        """Return the ids of the DAGs of a file; none where they are made up as it runs."""
        reading = self._reading(path)
        if reading is None:
            return ()
        found = definitions(reading)
        ids = [made.id for made in found.dags if made.id is not None]
        return list(dict.fromkeys(ids)) if found.dags_known else ()

    def why(self, path: Path) -> str:
        """Return why the DAGs of a file are not run unasked; empty where they may be."""
        waiting, seen = deque([path]), {path}
        while waiting:
            file = waiting.popleft()
            if why := self._refusal(file):
                return why if file == path else f"{file.name}, which it imports, {why}"
            for place in self._modules(file):
                if place.file is not None and place.file not in seen:
                    seen.add(place.file)
                    waiting.append(place.file)
        return ""

    def _reading(self, path: Path) -> Reading | None:
        """Return what a file does when it is imported; None where it is no Python."""
        unit = Interpreter(self._finder, self._source, watched).module(path)
        if unit.source is None or unit.source.problem is not None:
            return None
        return Reading(unit, unit.source)

    def _refusal(self, path: Path) -> str:
        if path not in self._known:
            self._known[path] = refusal(self._source(path)) or self._foreign(path)
        return self._known[path]

    def _foreign(self, path: Path) -> str:
        """Return which library keeps a file from being run unasked."""
        for name, node in imported(self._source(path)):
            module = _module(name, node)
            found = self._finder.find(path.parent, module)
            if name.startswith(".") or len(found) > module.count("."):
                continue
            top = name.partition(".")[0]
            if self._finder.find(path.parent, top) and find_spec(top) is None:
                return f"imports `{module}`, which is neither in the repository nor installed"
            if why := refused_import(name):
                return why
            if top != "airflow" and find_spec(top) is None:
                return f"imports `{top}`, which is not installed here"
        return ""

    def _modules(self, path: Path) -> Iterator[Place]:
        """Yield the modules of the repository that a file imports."""
        for name, node in imported(self._source(path)):
            if not name.startswith("."):
                yield from self._finder.find(path.parent, _module(name, node))
                yield from self._finder.find(path.parent, name)
                continue
            dots = len(name) - len(name.lstrip("."))
            folder = path.parents[min(dots, len(path.parents)) - 1]
            for part in filter(None, name.lstrip(".").split(".")):
                place = self._finder.child(folder, part)
                if place is None:
                    break
                yield place
                folder = place.folder or folder

    def _source(self, path: Path) -> SourceFile:
        if path not in self._sources:
            try:
                data = path.read_bytes()
            except OSError as error:
                self._sources[path] = SourceFile(path, path.name, b"", problem=f"{error.strerror}")
            else:
                self._sources[path] = parse(path, path.name, data)
        return self._sources[path]


def _module(name: str, node: ast.Import | ast.ImportFrom) -> str:
    """Return the module that a statement imports, or imports a name from."""
    return name if isinstance(node, ast.Import) else node.module or name
