"""Which files are imported: what Airflow would import, and what it silently leaves out."""

import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.audit.steady import is_steady
from dagproof.config import Settings
from dagproof.import_audit import Target
from dagproof.lint.entries import Entries, show
from dagproof.model import ImportTrace, UnavailableError
from dagproof.rules.audited import SAFE_MODE
from dagproof.source.discovery import PASSED_OVER, find_files, is_dag_file
from dagproof.source.ignore_files import airflow_ignores

_IMPORTS: Final = re.compile(rb"^\s*(?:from|import)\s+(airflow(?:\.\w+)+)", re.MULTILINE)
_MODULES: Final = re.compile(rb"^\s*(?:from\s+([\w.]+)\s+import|import\s+([\w.]+))", re.MULTILINE)
_MAKES_DAG: Final = re.compile(rb"\bDAG\s*\(|^\s*@dag\b", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Targets:
    """What is to be imported.

    Attributes:
        files: what Airflow imports.
        dropped: what safe mode drops and may make DAGs all the same.
        ignored: traces of files that make DAGs and that `.airflowignore` covers.
        unread: what cannot be read, and why.
        modules: of Airflow, which the files import.
    """

    files: tuple[Target, ...]
    dropped: tuple[Target, ...]
    ignored: tuple[ImportTrace, ...]
    unread: tuple[tuple[Path, str], ...]
    modules: tuple[str, ...]

    def shown_unread(self) -> list[tuple[str, str]]:
        """Return what cannot be read by its path as findings show it, and why."""
        return [(show(path), why) for path, why in self.unread]

    def shown_dropped(self) -> frozenset[str]:
        """Return what safe mode drops, by its path as findings show it."""
        return frozenset(show(Path(target.path)) for target in self.dropped)


def find_targets(settings: Settings, paths: Sequence[Path], *, twice: bool) -> Targets:
    """Look for DAG files.

    Args:
        settings: of the repository.
        paths: files and folders; none for the dags and plugins folders.
        twice: whether what may differ from import to import is imported a second time.

    Raises:
        UsageError: a path is not there.
        UnavailableError: there is no DAG file.
    """
    archives = tuple(_archives(settings, paths))
    try:
        entries = Entries(settings, [path for path in paths if path.suffix != ".zip"] or paths)
    except UnavailableError:
        if not archives:
            raise
        entries = None
    files = entries.files if entries is not None else []
    modules = {
        name.decode()
        for path in files
        if entries is not None
        for name in _IMPORTS.findall(entries.read(path))
    }
    dropped: tuple[Target, ...] = ()
    ignored: tuple[ImportTrace, ...] = ()
    if entries is not None and not any(path.is_file() for path in paths):
        dropped = tuple(_dropped(settings, entries, paths))
        ignored = tuple(_ignored(settings, paths))
    steady = {
        path
        for path in files
        if entries is not None and (not twice or is_steady(entries.read(path)))
    }
    return Targets(
        files=tuple(
            Target(str(path), _bundle(settings, path), twice=twice and path not in steady)
            for path in (*files, *archives)
        ),
        dropped=dropped,
        ignored=ignored,
        unread=tuple(entries.unread) if entries is not None else (),
        modules=tuple(sorted(modules)),
    )


def _bundle(settings: Settings, path: Path) -> str:
    """Return the dags folder that a file belongs to."""
    folders = (*settings.dags, *([settings.plugins] if settings.plugins else ()))
    return str(next((folder for folder in folders if folder in path.parents), path.parent))


def _folders(settings: Settings, paths: Sequence[Path]) -> list[Path]:
    """Return the folders that are asked for, as far as Airflow imports from them."""
    asked = [path.absolute() for path in paths if path.is_dir()]
    return asked if paths else [folder for folder in settings.dags if folder.is_dir()]


def _archives(settings: Settings, paths: Sequence[Path]) -> Iterator[Path]:
    named = [path.absolute() for path in paths if path.suffix == ".zip" and path.is_file()]
    found = [
        path
        for folder in _folders(settings, paths)
        for path in sorted(folder.rglob("*.zip"))
        if not any(part.startswith(".") or part in PASSED_OVER for part in path.parts)
        and not airflow_ignores(path, settings.root)
    ]
    for path in dict.fromkeys([*named, *found]):
        if path.is_file() and zipfile.is_zipfile(path) and _holds_dags(path):
            yield path


def _holds_dags(archive: Path) -> bool:
    try:
        with zipfile.ZipFile(archive) as opened:
            return any(
                is_dag_file(opened.read(name))
                for name in opened.namelist()
                if name.endswith(".py") and "/" not in name
            )
    except (OSError, zipfile.BadZipFile, RuntimeError):
        return False


def _dropped(settings: Settings, entries: Entries, paths: Sequence[Path]) -> Iterator[Target]:
    """Yield what safe mode drops although it imports a module that may make DAGs."""
    folders = _folders(settings, paths)
    taken = set(entries.files)
    found = find_files(folders, root=settings.root, exclude=settings.exclude) if folders else None
    for path in found.files if found is not None else ():
        if path in taken:
            continue
        try:
            data = entries.read(path)
        except OSError:
            continue
        if any(is_dag_file(helper) for helper in _helpers(settings, path, data)):
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


def _ignored(settings: Settings, paths: Sequence[Path]) -> Iterator[ImportTrace]:
    """Yield a trace for each file that looks like a DAG's and that `.airflowignore` covers."""
    folders = _folders(settings, paths)
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
