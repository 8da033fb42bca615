"""The DAG files of a repository, as pytest comes across them."""

import os
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dagproof.audit import AuditRequest
from dagproof.audit.findings import selected
from dagproof.config import Settings
from dagproof.import_audit.refusals import allowed
from dagproof.lint.entries import Entries
from dagproof.rules import RULES
from dagproof.source.discovery import PASSED_OVER, is_dag_file
from dagproof.source.globs import compile_globs
from dagproof.source.ignore_files import airflow_ignores
from dagproof.verdict.known import Known
from dagproof.verdict.selection import settle


@dataclass(frozen=True, slots=True)
class DagFiles:
    """What Airflow imports from the dags folders.

    Attributes:
        files: absolute; links are followed only above the dags folders.
        folders: the dags folders that are there, without links.
        leading: every folder between a dags folder and a DAG file, both ends included, without
            links.
    """

    files: frozenset[Path]
    folders: tuple[Path, ...]
    leading: frozenset[str]
    _real: dict[str, Path]
    _taken: dict[Path, Path] = field(default_factory=dict)

    def holds(self, path: Path) -> bool:
        """Say whether a path leads to a DAG file."""
        return path.suffix in {".py", ".zip"} and os.path.realpath(path) in self._real

    def take(self, path: Path) -> Path | None:
        """Return the DAG file that a path leads to; None for others, and for a second way to one.

        Args:
            path: absolute, possibly with links.
        """
        file = self._real.get(os.path.realpath(path))
        if file is None or self._taken.setdefault(file, path) != path:
            return None
        return file


def find_dag_files(settings: Settings) -> DagFiles:
    """Look for DAG files in the dags folders, without Airflow.

    What Airflow imports beside them, such as files that git ignores, is not collected: what the
    audit finds in there is told by the items of the repository.

    Raises:
        UsageError: there is no dags folder.
    """
    folders = tuple(folder for folder in settings.dags if folder.is_dir())
    files = {
        path
        for path in (*Entries(settings, (), empty=True).files, *_archives(settings, folders))
        if any(folder in path.parents for folder in folders)
    }
    leading = {
        os.path.realpath(parent)
        for path in files
        for parent in path.parents
        if any(parent == folder or folder in parent.parents for folder in folders)
    }
    real = {os.path.realpath(path): path for path in sorted(files)}
    return DagFiles(frozenset(files), folders, frozenset(leading), real)


def _archives(settings: Settings, folders: Sequence[Path]) -> Iterator[Path]:
    excluded = compile_globs(settings.exclude)
    for folder in folders:
        for path in sorted(folder.rglob("*.zip")):
            parts = path.relative_to(folder).parts
            if (
                not any(part.startswith(".") or part in PASSED_OVER for part in parts)
                and not excluded.cover(os.path.relpath(path, settings.root))
                and not airflow_ignores(path, settings.root)
                and _holds_dags(path)
            ):
                yield path


def _holds_dags(archive: Path) -> bool:
    try:
        with zipfile.ZipFile(archive) as opened:
            return any(
                is_dag_file(opened.read(name))
                for name in opened.namelist()
                if name.endswith(".py") and "/" not in name
            )
    except (OSError, zipfile.BadZipFile, RuntimeError):  # the last one for a password
        return False


def check_settings(settings: Settings) -> None:
    """Complain now of what would otherwise be complained of by every item.

    Raises:
        UsageError: a word of the settings names nothing, or the baseline is none.
    """
    selected(settings, AuditRequest())
    settle(
        (),
        per_file_ignores=settings.per_file_ignores,
        severity=settings.severity,
        root=settings.root,
        rules=RULES,
    )
    Known(settings.root, None, settings.baseline).entries()
    allowed(settings.allow, "tool.dagproof.allow")
