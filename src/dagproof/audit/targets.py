"""Which files are imported: what Airflow would import, and what it silently leaves out."""

import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.audit.steady import is_steady
from dagproof.config import Settings
from dagproof.import_audit.client import Target
from dagproof.lint.entries import Entries, nothing_to_import, show
from dagproof.model import ImportTrace
from dagproof.rules.audited import SAFE_MODE
from dagproof.source.discovery import find_files, is_dag_file
from dagproof.source.globs import compile_globs
from dagproof.source.ignore_files import airflow_ignores

_IMPORTS: Final = re.compile(rb"^\s*(?:from|import)\s+(airflow(?:\.\w+)+)", re.MULTILINE)
_MODULES: Final = re.compile(rb"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))", re.MULTILINE)
_POLICIES: Final = "airflow_local_settings.py"
_OF_THE_MACHINE: Final = frozenset({"system", "local"})
_MAKES_DAG: Final = re.compile(rb"\bDAG\s*\(|^\s*@dag\b", re.MULTILINE)


Listed = Callable[[Sequence[str]], Sequence[str] | None]
"""Returns the files that Airflow imports of folders; None where it cannot say."""


@dataclass(frozen=True, slots=True)
class Targets:
    """What is to be imported.

    Attributes:
        files: what Airflow imports.
        dropped: what safe mode drops and may make DAGs all the same.
        ignored: traces of files that make DAGs and that `.airflowignore` covers.
        unread: what cannot be read, and why.
        modules: of Airflow, which the files import.
        excluded: whether Airflow imports more, which the settings exclude.
    """

    files: tuple[Target, ...]
    dropped: tuple[Target, ...]
    ignored: tuple[ImportTrace, ...]
    unread: tuple[tuple[Path, str], ...]
    modules: tuple[str, ...]
    excluded: bool = False

    def shown_unread(self) -> list[tuple[str, str]]:
        """Return what cannot be read by its path as findings show it, and why."""
        return [(show(path), why) for path, why in self.unread]

    def shown_dropped(self) -> frozenset[str]:
        """Return what safe mode drops, by its path as findings show it."""
        return frozenset(show(Path(target.path)) for target in self.dropped)


def find_targets(
    settings: Settings,
    paths: Sequence[Path],
    listed: Listed,
    *,
    twice: bool,
    on_varying: Callable[[], object] = lambda: None,
) -> Targets:
    """Look for DAG files: those that are named, and what Airflow itself would import of folders.

    Args:
        settings: of the repository.
        paths: files and folders; none for the dags and plugins folders.
        listed: asks Airflow for the files of folders; it may take until Airflow has loaded.
        twice: whether what may differ from import to import is imported a second time.
        on_varying: called as soon as there is a file that may, and only once.

    Raises:
        UsageError: a path is not there.
        UnavailableError: there is no DAG file.
    """
    entries = Entries(settings, paths, empty=True)
    folders = _folders(settings, paths)
    steady = _Steady(entries, twice=twice, alone=not _meddled_with(settings))
    steady.look_at(entries.files, on_varying)  # while Airflow is loading
    modules = _modules(entries)
    whole, excluded = _listing(settings, folders, entries, listed)
    named = [path.absolute() for path in paths if path.is_file()]
    plugins = [path for path in entries.files if not _lies_in(path, folders)]
    files = tuple(dict.fromkeys(sorted({*whole, *named, *plugins})))
    if not files and not entries.unread:
        raise nothing_to_import(settings, paths)
    partial = any(path.is_file() for path in paths)
    return Targets(
        files=tuple(
            Target(str(path), _bundle(settings, path), twice=steady.twice(path)) for path in files
        ),
        dropped=() if partial else tuple(_dropped(settings, folders, frozenset(files))),
        ignored=() if partial else tuple(_ignored(settings, folders)),
        unread=tuple(one for one in entries.unread if one[0] not in files),
        modules=modules,
        excluded=excluded,
    )


class _Steady:
    """Knows which files are imported twice, and reads each of them once.

    Args:
        entries: reads the files.
        twice: whether any is.
        alone: whether a file alone decides what becomes of its DAGs.
    """

    def __init__(self, entries: Entries, *, twice: bool, alone: bool) -> None:
        self._entries = entries
        self._twice = twice
        self._alone = alone
        self._known: dict[Path, bool] = {}

    def look_at(self, files: Iterable[Path], on_varying: Callable[[], object]) -> None:
        """Read files before anybody asks; say so when the first of them is imported twice."""
        told = False
        for path in files:
            if self.twice(path) and not told:
                told = True
                on_varying()

    def twice(self, path: Path) -> bool:
        """Say whether a file is imported twice."""
        if path not in self._known:
            self._known[path] = self._twice and not self._is_steady(path)
        return self._known[path]

    def _is_steady(self, path: Path) -> bool:
        try:
            return self._alone and path.suffix == ".py" and is_steady(self._entries.read(path))
        except OSError:
            return False


def _meddled_with(settings: Settings) -> bool:
    """Say whether DAGs depend on the machine's time zone, or on policies of the repository."""
    environ = {**os.environ, **settings.env}
    if environ.get("AIRFLOW__CORE__DEFAULT_TIMEZONE", "utc").lower() in _OF_THE_MACHINE:
        return True
    python = filter(None, environ.get("PYTHONPATH", "").split(os.pathsep))
    folders = (*settings.dags, settings.plugins, *settings.pythonpath, *map(Path, python))
    return any(folder and (folder / _POLICIES).exists() for folder in folders)


def _modules(entries: Entries) -> tuple[str, ...]:
    """Return the modules of Airflow that files import."""
    found = {name for path in entries.files for name in _IMPORTS.findall(entries.read(path))}
    return tuple(sorted(name.decode() for name in found))


def _listing(
    settings: Settings, folders: Sequence[Path], entries: Entries, listed: Listed
) -> tuple[Sequence[Path], bool]:
    """Return what Airflow imports of folders and settings do not exclude; whether they do any."""
    found = listed([str(folder) for folder in folders]) if folders else ()
    if found is None:  # links in a circle: it would import nothing at all
        return [path for path in entries.files if _lies_in(path, folders)], bool(settings.exclude)
    excluded = compile_globs(settings.exclude)
    kept = [
        Path(text) for text in found if not excluded.cover(os.path.relpath(text, settings.root))
    ]
    return kept, len(kept) < len(found)


def _lies_in(path: Path, folders: Sequence[Path]) -> bool:
    return any(folder in path.parents for folder in folders)


def _bundle(settings: Settings, path: Path) -> str:
    """Return the dags folder that a file belongs to."""
    folders = (*settings.dags, *([settings.plugins] if settings.plugins else ()))
    return str(next((folder for folder in folders if folder in path.parents), path.parent))


def _folders(settings: Settings, paths: Sequence[Path]) -> list[Path]:
    """Return the folders that are asked for, as far as Airflow imports from them."""
    asked = [path.absolute() for path in paths if path.is_dir()]
    return asked if paths else [folder for folder in settings.dags if folder.is_dir()]


def _dropped(
    settings: Settings, folders: Sequence[Path], taken: frozenset[Path]
) -> Iterator[Target]:
    """Yield what safe mode drops although it imports a module that may make DAGs."""
    found = find_files(folders, root=settings.root, exclude=settings.exclude) if folders else None
    for path in found.files if found is not None else ():
        if path in taken:
            continue
        try:
            data = path.read_bytes()
        except OSError:
            continue
        if not is_dag_file(data) and any(map(is_dag_file, _helpers(settings, path, data))):
            yield Target(str(path), _bundle(settings, path), twice=False)


def _helpers(settings: Settings, path: Path, data: bytes) -> Iterator[bytes]:
    roots = (Path(_bundle(settings, path)), settings.plugins, *settings.pythonpath)
    for groups in _MODULES.findall(data):
        parts = next(filter(None, groups)).decode().split(".")
        for root in roots:
            if root is None:
                continue
            for file in (
                root.joinpath(*parts).with_suffix(".py"),
                root.joinpath(*parts, "__init__.py"),
            ):
                try:
                    if file.is_file():
                        yield file.read_bytes()
                except OSError:
                    continue


def _ignored(settings: Settings, folders: Sequence[Path]) -> Iterator[ImportTrace]:
    """Yield a trace for each file that looks like a DAG's and that `.airflowignore` covers."""
    if not folders:
        return
    skipped = find_files(folders, root=settings.root, exclude=settings.exclude).skipped
    for place in skipped:
        covered_by = airflow_ignores(place, settings.root)
        files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
        for path in files if covered_by else ():
            try:
                data = path.read_bytes()
            except OSError:
                continue
            if is_dag_file(data) and _MAKES_DAG.search(data):
                yield ImportTrace(show(path), skipped=covered_by)


def is_dropped(trace: ImportTrace) -> ImportTrace | None:
    """Return the trace of a file that safe mode drops; None where nothing is lost by it."""
    return (
        ImportTrace(trace.path, dag_ids=trace.dag_ids, skipped=SAFE_MODE) if trace.dag_ids else None
    )
