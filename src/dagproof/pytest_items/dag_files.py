"""The DAG files of a repository, as pytest comes across them."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from dagproof.audit import AuditRequest
from dagproof.audit.findings import selected
from dagproof.audit.targets import find_targets
from dagproof.config import Settings
from dagproof.import_audit.refusals import allowed
from dagproof.model import UnavailableError
from dagproof.rules import RULES
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

    def take(self, path: Path) -> Path | None:
        """Return the DAG file that a path leads to; None for others, and for a second way to one.

        Args:
            path: absolute, possibly with links.
        """
        file = self._real.get(os.path.realpath(path)) if path.suffix in {".py", ".zip"} else None
        if file is None or self._taken.setdefault(file, path) != path:
            return None
        return file


def find_dag_files(settings: Settings) -> DagFiles:
    """Look for DAG files in the dags folders.

    Raises:
        UsageError: there is no dags folder.
    """
    folders = tuple(folder for folder in settings.dags if folder.is_dir())
    try:
        targets = find_targets(settings, (), twice=False).files
    except UnavailableError:
        targets = ()  # whoever reads the repository tells so
    found = (Path(target.path) for target in targets)
    files = frozenset(
        path for path in found if any(folder in path.parents for folder in folders)
    )
    leading = {
        os.path.realpath(parent)
        for path in files
        for parent in path.parents
        if any(parent == folder or folder in parent.parents for folder in folders)
    }
    real = {os.path.realpath(path): path for path in files}
    return DagFiles(files, folders, frozenset(leading), real)


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
