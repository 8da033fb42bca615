"""Finds the repository's own modules by the names that its files import."""

import os
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, TypeAlias

Entry: TypeAlias = Literal["module", "folder"]

_HOMES: Final = ("src", "lib", "include", "plugins", "dags", "config")
"""Folders of a repository that are often on the path."""

_NEVER: Final = frozenset({*sys.stdlib_module_names, "airflow"})


@dataclass(frozen=True, slots=True)
class Place:
    """Where one part of a dotted name is: its file, its folder if it is a package, or both."""

    file: Path | None
    folder: Path | None


class Finder:
    """Looks modules up as Python would, in the folders that Airflow imports from.

    A repository seldom says what else is on its path. After the folders that are known to be
    (`roots`), the folders above the importing file are tried, up to `top`; there a name that a
    known library has is left to the library.
    """

    def __init__(self, roots: Sequence[Path], top: Path, libraries: frozenset[str]) -> None:
        self._roots = tuple(roots)
        self._top = top
        self._libraries = libraries
        self._listings: dict[Path, Mapping[str, frozenset[Entry]]] = {}
        self._index: dict[str, list[Path]] | None = None
        self._paths: dict[Path, Sequence[tuple[Path, bool, Collection[str]]]] = {}
        self._found: dict[tuple[Path, str], tuple[Place, ...]] = {}

    def find(self, folder: Path, dotted: str) -> tuple[Place, ...]:
        """Return where each part of a dotted name is; empty if the repository does not have it.

        Args:
            folder: the one of the file that imports.
            dotted: an absolute name such as `helpers.rates`.
        """
        key = (folder, dotted)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = self._find(folder, dotted.split("."))
        return found

    def anywhere(self, folder: Path, dotted: str) -> tuple[Place, ...]:
        """Return a module of the repository, wherever it is, that only one place can be meant by.

        For files that change `sys.path` themselves. Of several places the nearest is meant.
        """
        parts = dotted.split(".")
        if parts[0] in _NEVER or parts[0] in self._libraries:
            return ()
        found = [tuple(self._descend(folder, parts)) for folder in self._homes().get(parts[0], ())]
        whole = [places for places in found if len(places) == len(parts)]
        return max(whole, key=lambda places: _near(folder, places), default=())

    def _homes(self) -> Mapping[str, Sequence[Path]]:
        """Return the folders of the repository that hold a name."""
        if self._index is None:
            self._index = {}
            for folder, folders, _ in os.walk(self._top):
                folders[:] = [name for name in folders if name[0] not in "._" and "env" not in name]
                for name in self.listing(Path(folder)):
                    self._index.setdefault(name, []).append(Path(folder))
        return self._index

    def child(self, folder: Path, name: str) -> Place | None:
        """Return a module or package of a folder."""
        entries = self.listing(folder).get(name)
        if entries is None:
            return None
        inner = folder / name
        if "folder" in entries and "module" in self.listing(inner).get("__init__", ()):
            return Place(inner / "__init__.py", inner)
        if "module" in entries:
            return Place(folder / f"{name}.py", None)
        return Place(None, inner)

    def listing(self, folder: Path) -> Mapping[str, frozenset[Entry]]:
        """Return the names that can be imported from a folder."""
        if folder not in self._listings:
            self._listings[folder] = _listing(folder)
        return self._listings[folder]

    def _find(self, start: Path, parts: list[str]) -> tuple[Place, ...]:
        if parts[0] in _NEVER:
            return ()
        best: tuple[Place, ...] = ()
        for folder, sure, names in self._search_path(start):
            if parts[0] not in names:
                continue
            places = tuple(self._descend(folder, parts))
            if parts[0] in self._libraries and not (sure and places[0].file):
                continue
            if len(places) == len(parts):
                return places
            best = best if len(best) >= len(places) else places
        # A package of the repository that lacks the module: the import fails, no library helps.
        return best if best and best[0].file else ()

    def _search_path(self, start: Path) -> Sequence[tuple[Path, bool, Collection[str]]]:
        """Return the folders to look in, whether they are surely on the path, and their names."""
        path = self._paths.get(start)
        if path is None:
            found = ((folder, sure, self.listing(folder)) for folder, sure in self._folders(start))
            path = self._paths[start] = [entry for entry in found if entry[2]]
        return path

    def _folders(self, start: Path) -> Iterable[tuple[Path, bool]]:
        for root in self._roots:
            yield root, True
        for folder in (start, *start.parents):
            yield folder, False
            if folder == self._top:
                yield from ((folder / name, False) for name in _HOMES)
            if folder == self._top or self._top not in folder.parents:
                return

    def _descend(self, folder: Path, parts: Sequence[str]) -> Iterable[Place]:
        for part in parts:
            place = self.child(folder, part)
            if place is None:
                return
            yield place
            if place.folder is None:
                return
            folder = place.folder


def _near(folder: Path, places: tuple[Place, ...]) -> int:
    """Return how much of its path a module shares with a folder."""
    place = places[-1].file or places[-1].folder or Path()
    return len(os.path.commonpath([folder, place]))


def _listing(folder: Path) -> Mapping[str, frozenset[Entry]]:
    found: dict[str, set[Entry]] = {}
    try:
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(".py") and entry.is_file():
                    found.setdefault(entry.name[:-3], set()).add("module")
                elif "." not in entry.name and entry.is_dir():
                    found.setdefault(entry.name, set()).add("folder")
    except OSError:
        return {}
    return {name: frozenset(kinds) for name, kinds in found.items()}
