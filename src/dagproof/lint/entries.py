"""The files that Airflow would import: where reading begins."""

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

from dagproof.config import Settings
from dagproof.model import Finding, Hit, Span, UnavailableError, UsageError
from dagproof.rules.dp100_unreadable_file import RULE as UNREADABLE
from dagproof.source.discovery import find_files, is_dag_file


class Entries:
    """Finds the files, and reads each of them once.

    Args:
        settings: of the repository.
        paths: files and folders; none for the dags and plugins folders of the settings.
        empty: whether it is fine if there is none, because somebody else looks for more.

    Attributes:
        files: what Airflow would import, and what is named.
        unread: what cannot be read, and why.

    Raises:
        UsageError: a path is not there, or nothing is named and there is no dags folder.
        UnavailableError: there is no DAG file.
    """

    def __init__(self, settings: Settings, paths: Sequence[Path], *, empty: bool = False) -> None:
        folders = (*settings.dags, settings.plugins)
        places = paths or [folder for folder in folders if folder and folder.is_dir()]
        if not places:
            way = "Name the files or folders to read"
            raise UsageError(settings.without_dags(map(show, settings.dags), way))
        found = find_files(places, root=settings.root, exclude=settings.exclude)
        named = {Path(os.path.abspath(path)) for path in paths if path.is_file()}  # noqa: PTH100 - as find_files names them
        self.unread = list(found.unread)
        self._settings = settings
        self._data: dict[Path, bytes] = {}
        self.files = [path for path in found.files if path in named or self._is_entry(path)]
        nothing = not self.files and not self.unread and not (paths and found.skipped)
        if nothing and not empty:
            raise nothing_to_import(settings, paths)

    def read(self, path: Path) -> bytes:
        """Return the bytes of a file.

        Raises:
            OSError: it cannot be read.
        """
        if path not in self._data:
            self._data[path] = path.read_bytes()
        return self._data[path]

    def findings(self) -> Iterator[Finding]:
        """Yield what cannot be read, as findings."""
        for path, why in self.unread:
            top = Span(show(path), 1, 1, 1, 1)
            yield UNREADABLE.finding(Hit(top, f"This file cannot be read: {why}"))

    def _is_entry(self, path: Path) -> bool:
        plugins = self._settings.plugins
        try:
            return (plugins is not None and plugins in path.parents) or is_dag_file(self.read(path))
        except OSError as error:
            self.unread.append((path, f"it cannot be read: {error.strerror}"))
            return False


def nothing_to_import(settings: Settings, paths: Sequence[Path]) -> UnavailableError:
    """Return the refusal to look where there is no DAG file."""
    folders = (*settings.dags, settings.plugins)
    places = paths or [folder for folder in folders if folder and folder.is_dir()]
    listed = ", ".join(map(show, places))
    return UnavailableError(
        f"There is no DAG file in {listed}: Airflow reads Python files that say `airflow` "
        "and `dag`, and that no ignore file covers. Name another folder."
    )


def show(path: Path) -> str:
    """Return a path as findings show it: relative to where the user stands, if it is below."""
    text, here = os.fspath(path), os.path.join(os.getcwd(), "")  # noqa: PTH109, PTH118 - faster
    return "." if text + os.sep == here else text.removeprefix(here)
