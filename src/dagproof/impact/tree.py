"""The files of a repository by folder and by name, those that a change has removed among them."""

import os
import posixpath
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from dagproof.source.discovery import PASSED_OVER, VIRTUAL_ENVIRONMENT

_HIDDEN: Final = frozenset({".github"})
"""Hidden folders that hold files of the repository."""


@dataclass(slots=True)
class Folder:
    """What a folder holds.

    Attributes:
        modules: names of Python files, without `.py`.
        folders: names of folders.
        files: names of all files.
    """

    modules: set[str] = field(default_factory=set)
    folders: set[str] = field(default_factory=set)
    files: set[str] = field(default_factory=set)


class Tree:
    """Knows the files of some folders, each by its real path.

    Args:
        tops: folders, of which those inside another one are walked once.
        changed: files that have changed; they count where they are in these folders, also those
            that are gone, and those in hidden folders.
    """

    def __init__(self, tops: Iterable[str], changed: Collection[str]) -> None:
        self._folders: dict[str, Folder] = {}
        self._real: dict[str, str] = {}
        self._changed = tuple(changed)
        for top in tops:
            self._take(self.real(top))

    def include(self, top: str) -> bool:
        """Look into one more folder; return whether that brings anything new."""
        if top in self._folders or not os.path.isdir(top):  # noqa: PTH112 - text is faster
            return False
        self._take(top)
        for name in ("by_name", "homes"):
            self.__dict__.pop(name, None)
        return True

    def _take(self, top: str) -> None:
        self._walk(top)
        for path in self._changed:
            if path.startswith(f"{top}/"):
                self._add(path, top)

    def folder(self, path: str) -> Folder | None:
        """Return what a folder holds; None where there is no such folder."""
        return self._folders.get(path)

    def real(self, path: str) -> str:
        """Return a path without links."""
        folder, name = posixpath.split(path)
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        joined = posixpath.join(self._real[folder], name)
        return os.path.realpath(joined) if os.path.islink(joined) else joined  # noqa: PTH114

    @cached_property
    def by_name(self) -> Mapping[str, Sequence[str]]:
        """Every file by its name."""
        found: dict[str, list[str]] = {}
        for path in sorted(self._folders):
            for name in self._folders[path].files:
                found.setdefault(name, []).append(f"{path}/{name}")
        return found

    @property
    def folders(self) -> Iterable[str]:
        """Every folder."""
        return self._folders

    def data_below(self, path: str) -> Iterator[str]:
        """Yield the files in and below a folder that are no Python."""
        for folder in self._folders_below(path):
            for name in sorted(self._folders[folder].files):
                if not name.endswith(".py"):
                    yield f"{folder}/{name}"

    def below(self, path: str) -> Iterator[str]:
        """Yield the Python files in and below a folder."""
        for folder in self._folders_below(path):
            for name in sorted(self._folders[folder].modules):
                yield self.real(f"{folder}/{name}.py")

    def _folders_below(self, path: str) -> Iterator[str]:
        waiting, seen = [path], {path}
        while waiting:
            folder = waiting.pop()
            if folder not in self._folders:
                continue
            yield folder
            for name in sorted(self._folders[folder].folders, reverse=True):
                inner = self.real(f"{folder}/{name}")  # a link may lead back up
                if inner not in seen:
                    seen.add(inner)
                    waiting.append(inner)

    @cached_property
    def homes(self) -> Mapping[str, Sequence[str]]:
        """The folders from which a name can be imported."""
        found: dict[str, list[str]] = {}
        for path in sorted(self._folders):
            here = self._folders[path]
            for name in here.modules | here.folders:
                found.setdefault(name, []).append(path)
        return found

    def _walk(self, top: str) -> None:
        waiting = [top]
        while waiting:
            path = waiting.pop()
            if path in self._folders:
                continue
            try:
                with os.scandir(path) as listing:
                    entries = list(listing)
            except OSError:
                continue
            if any(entry.name == VIRTUAL_ENVIRONMENT for entry in entries):
                continue
            here = self._folders[path] = Folder()
            for entry in entries:
                name = entry.name
                if _is_folder(entry):
                    if (name[0] != "." or name in _HIDDEN) and name not in PASSED_OVER:
                        here.folders.add(name)
                        waiting.append(self.real(entry.path))
                else:
                    here.files.add(name)
                    if name.endswith(".py"):
                        here.modules.add(name[:-3])

    def _add(self, path: str, top: str) -> None:
        """Add a file, and the folders that may have gone with it."""
        folder, name = posixpath.split(path)
        here = self._folders.setdefault(folder, Folder())
        here.files.add(name)
        if name.endswith(".py"):
            here.modules.add(name[:-3])
        while folder != top:
            folder, name = posixpath.split(folder)
            self._folders.setdefault(folder, Folder()).folders.add(name)


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that goes round in a circle
        return False
