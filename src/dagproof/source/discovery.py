"""Finds the Python files below the given paths, as git and Airflow would see them."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dagproof.model import UsageError
from dagproof.source.globs import compile_globs
from dagproof.source.ignore_files import Ignores, ignores_above, ignores_of

PASSED_OVER: Final = frozenset(
    {"__pycache__", "__pypackages__", "node_modules", "site-packages", "venv"}
)
VIRTUAL_ENVIRONMENT: Final = "pyvenv.cfg"


@dataclass(frozen=True, slots=True)
class Discovery:
    """What was found; paths are absolute and sorted.

    Attributes:
        files: each once, however many ways lead to it.
        unread: what looks like a Python file and cannot be read as one, and why: one sentence.
        skipped: files and whole folders that an ignore file or an exclusion covers.
    """

    files: tuple[Path, ...]
    unread: tuple[tuple[Path, str], ...]
    skipped: tuple[Path, ...]


@dataclass(slots=True)
class _Walk:
    root: str
    exclude: Sequence[str]
    files: dict[str, str] = field(default_factory=dict)
    unread: dict[str, str] = field(default_factory=dict)
    skipped: set[str] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    folders: list[tuple[str, str, Ignores]] = field(default_factory=list)
    links: list[tuple[str, Ignores]] = field(default_factory=list)


def find_files(paths: Sequence[Path], *, root: Path, exclude: Sequence[str] = ()) -> Discovery:
    """Return the files that are named, and the Python files of the folders that are named.

    Hidden folders, virtual environments and the like are passed over, and so is what `.gitignore`,
    `.git/info/exclude`, `.airflowignore` and `exclude` cover. A file that is named is read unless
    `exclude` covers it: pre-commit names whatever was changed.

    Args:
        paths: files and folders.
        root: the folder of the repository.
        exclude: globs as in `.gitignore`, relative to `root`.

    Raises:
        UsageError: a path that is named does not exist.
    """
    walk = _Walk(os.path.abspath(root), exclude)  # noqa: PTH100 - resolve() follows links
    for path in paths:
        _take_named(walk, os.path.abspath(path), path)  # noqa: PTH100 - the same
    while walk.folders or walk.links:
        if walk.folders:
            _walk_folder(walk, *walk.folders.pop())
        else:  # links come last, so that a file is known by its own path where it has one
            _take_link(walk, *walk.links.pop())
    return Discovery(
        files=tuple(Path(path) for path in sorted(walk.files.values())),
        unread=tuple((Path(path), why) for path, why in sorted(walk.unread.items())),
        skipped=tuple(Path(path) for path in sorted(walk.skipped)),
    )


def is_dag_file(data: bytes) -> bool:
    """Say whether Airflow's safe mode would import a file with this content."""
    words = data.lower()
    return b"airflow" in words and (b"dag" in words or b"asset" in words)


def _take_named(walk: _Walk, path: str, named: Path) -> None:
    try:
        if named.is_dir():
            ignores = ignores_above(path, walk.root, walk.exclude)
            walk.folders.append((path, os.path.realpath(path), ignores))
        elif compile_globs(walk.exclude).cover(os.path.relpath(path, walk.root)):
            walk.skipped.add(path)
        elif named.is_file():
            _take_file(walk, path, os.path.realpath(path))
        elif named.exists():
            walk.unread[path] = "it is no regular file; name a file or a folder"
        elif named.is_symlink():
            raise UsageError(f"{named} is a link to nothing; mend the link, or name another path.")
        else:
            raise UsageError(f"There is no file or folder {named}; name one that is there.")
    except OSError as error:
        walk.unread[path] = f"it cannot be reached: {error.strerror}"


def _take_link(walk: _Walk, path: str, ignores: Ignores) -> None:
    link = Path(path)
    try:
        if link.is_dir():
            _take_folder(walk, path, os.path.realpath(path), ignores)
        elif link.is_file():
            _take_file(walk, path, os.path.realpath(path))
        elif link.exists():
            walk.unread[path] = "it is no regular file; move or rename it"
        else:
            walk.unread[path] = "it is a link to nothing; mend or remove the link"
    except OSError as error:
        walk.unread[path] = f"it cannot be reached: {error.strerror}"


def _take_file(walk: _Walk, path: str, real: str) -> None:
    if os.access(path, os.R_OK):
        walk.files.setdefault(real, path)
    else:
        walk.unread[path] = "permission denied; make the file readable, or exclude it"


def _take_folder(walk: _Walk, path: str, real: str, ignores: Ignores) -> None:
    if path.endswith(".py"):
        walk.unread[path] = "it is a folder; rename it, a name in `.py` is a file's"
    walk.folders.append((path, real, ignores))


def _walk_folder(walk: _Walk, path: str, real: str, above: Ignores) -> None:
    if real in walk.seen:
        return
    walk.seen.add(real)
    try:
        with os.scandir(path) as listing:
            entries = list(listing)
    except OSError as error:
        walk.unread[path] = f"the folder cannot be listed: {error.strerror}"
        return
    names = {entry.name for entry in entries}
    if VIRTUAL_ENVIRONMENT in names:
        return
    ignores = ignores_of(path, names, above)
    for entry in _wanted(entries):
        here = f"{real.rstrip('/')}/{entry.name}"
        is_folder = _is_folder(entry)
        if ignores.cover(entry.name, entry.path, is_folder=is_folder):
            walk.skipped.add(entry.path)
        elif entry.is_symlink():
            walk.links.append((entry.path, ignores))
        elif is_folder:
            _take_folder(walk, entry.path, here, ignores)
        elif entry.is_file():
            _take_file(walk, entry.path, here)
        else:
            walk.unread[entry.path] = "it is no regular file; move or rename it"


def _wanted(entries: Sequence["os.DirEntry[str]"]) -> Iterator["os.DirEntry[str]"]:
    """Yield the folders to go into and whatever is called `*.py`."""
    for entry in entries:
        hidden = entry.name[0] == "." or entry.name in PASSED_OVER
        if entry.name.endswith(".py") or (not hidden and _is_folder(entry)):
            yield entry


def _is_folder(entry: "os.DirEntry[str]") -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that goes round in a circle, or into a folder we may not enter
        return False
