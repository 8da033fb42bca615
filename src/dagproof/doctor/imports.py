"""Packages that DAG files import and that are not here: their DAGs are not there, either."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dagproof.config import Settings
from dagproof.doctor.check import Check, warning
from dagproof.doctor.installed import importable
from dagproof.doctor.surroundings import Surroundings
from dagproof.lint.entries import Entries, show
from dagproof.model import DagproofError
from dagproof.reporters.words import count
from dagproof.rules.entry_points import LIBRARIES
from dagproof.source.file import parse
from dagproof.source.modules import Finder

_MOST_FILES: Final = 300
"""Files that are read, so that this stays a matter of a moment."""

_SHOWN: Final = 3


def imports(surroundings: Surroundings) -> Iterator[Check]:
    """Say which modules keep which DAG files from being imported here.

    Only imports count that nothing surrounds: one in `try`, in `if` or in a task may be absent.
    """
    told = surroundings.settings
    if told is None:
        return
    try:
        files = Entries(told, ()).files
    except DagproofError:
        return  # which `dags` tells
    needs = _needs(told, files)
    for name in sorted(needs)[:_SHOWN]:
        first, *others = sorted(needs[name])
        more = f" and {count(len(others), 'more file')} do" if others else " does"
        yield warning(
            "imports",
            f"`{name}` is neither in the repository nor installed: {show(first)}{more} not import",
        )
    if len(needs) > _SHOWN:
        rest = len(needs) - _SHOWN
        yield warning("imports", f"{count(rest, 'more module')} {_verb(rest)} missing")


def _verb(number: int) -> str:
    return "is" if number == 1 else "are"


def _needs(settings: Settings, files: list[Path]) -> dict[str, list[Path]]:
    """Return the modules that are missing, and the files that do not import for that."""
    plugins = (settings.plugins,) if settings.plugins else ()
    roots = (*settings.dags, *plugins, *settings.pythonpath)
    reader = _Reader(Finder(roots, settings.root, LIBRARIES))
    needs: dict[str, list[Path]] = {}
    for path in files:
        for name in reader.missing(path):
            needs.setdefault(name, []).append(path)
    return needs


class _Reader:
    """Follows imports through the repository.

    Args:
        finder: of the repository's modules.
    """

    def __init__(self, finder: Finder) -> None:
        self._finder = finder
        self._known: dict[Path, tuple[frozenset[str], frozenset[Path]]] = {}

    def missing(self, path: Path) -> frozenset[str]:
        """Return what a file, and all that it imports of the repository, asks for in vain."""
        waiting, seen, found = [path], {path}, set[str]()
        while waiting:
            missing, used = self._read(waiting.pop())
            found |= missing
            waiting += used - seen
            seen |= used
        return frozenset(found)

    def _read(self, path: Path) -> tuple[frozenset[str], frozenset[Path]]:
        if path not in self._known:
            if len(self._known) < _MOST_FILES:
                self._known[path] = self._looked(path)
            else:
                return frozenset(), frozenset()
        return self._known[path]

    def _looked(self, path: Path) -> tuple[frozenset[str], frozenset[Path]]:
        try:
            tree = parse(path, path.name, path.read_bytes()).tree
        except OSError:
            return frozenset(), frozenset()
        missing, used = set(), set()
        for module, whole in _imported(tree):
            used |= {place.file for place in self._finder.find(path.parent, whole) if place.file}
            if not self._is_there(path.parent, module):
                top = module.partition(".")[0]
                missing.add(module if self._finder.find(path.parent, top) else top)
        return frozenset(missing), frozenset(used)

    def _is_there(self, folder: Path, module: str) -> bool:
        top = module.partition(".")[0]
        return bool(
            len(self._finder.find(folder, module)) > module.count(".")
            or importable(top)
            or top == "airflow"  # which is told by itself
            or self._finder.anywhere(folder, module)
        )


def _imported(tree: ast.Module) -> Iterator[tuple[str, str]]:
    """Yield the modules that are imported in any case, and the names that are taken from them."""
    for node in tree.body:
        if isinstance(node, ast.Import):
            yield from ((alias.name, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module, node.module
            yield from ((node.module, f"{node.module}.{alias.name}") for alias in node.names)
