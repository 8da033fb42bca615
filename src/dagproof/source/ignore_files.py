"""What .gitignore, .git/info/exclude, .airflowignore and the settings keep from being read."""

import os
import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.source.globs import Globs, compile_globs

GIT: Final = ".gitignore"
AIRFLOW: Final = ".airflowignore"
AIRFLOW_COMMENT: Final = re.compile(r"\s*#.*")  # Airflow sees one behind a pattern too


@dataclass(frozen=True, slots=True)
class Ignores:
    """The patterns that hold in a folder, by who wrote them: outermost file first.

    Attributes:
        levels: for git, Airflow and the settings each: folders, and the patterns written there.
    """

    levels: tuple[tuple[tuple[str, Globs], ...], ...]

    def cover(self, name: str, path: str, *, is_folder: bool) -> bool:
        """Say whether anybody wants this file or folder to be left out."""
        slash = "/" if is_folder else ""
        return any(_covered(level, name + slash, path + slash) for level in self.levels)


def ignores_above(folder: str, root: str, exclude: Sequence[str]) -> Ignores:
    """Return what the folders above a folder say of it, from the top of its git repository on.

    Without a git repository `root` is the top, if the folder lies in there.
    """
    above = [str(parent) for parent in reversed(Path(folder).parents)]
    tops = [parent for parent in (*above, folder) if _there(f"{parent}/.git")]
    top = tops[-1] if tops else root if root in above else folder
    info = f"{top}/.git/info/exclude"
    git = ((_base(top), compile_globs(_lines(info))),) if _there(info) else ()
    settings = ((_base(root), compile_globs(exclude)),) if exclude else ()
    ignores = Ignores((git, (), settings))
    for parent in above:
        if parent == top or parent.startswith(_base(top)):
            names = {name for name in (GIT, AIRFLOW) if _there(f"{parent}/{name}")}
            ignores = ignores_of(parent, names, ignores)
    return ignores


def ignores_of(folder: str, names: Collection[str], above: Ignores) -> Ignores:
    """Add what a folder's own ignore files say.

    Args:
        folder: absolute.
        names: what the folder holds.
        above: what holds in the folder above it.
    """
    git, airflow, settings = above.levels
    if GIT in names:
        git = (*git, (_base(folder), compile_globs(_lines(f"{folder}/{GIT}"))))
    if AIRFLOW in names:
        lines = [AIRFLOW_COMMENT.sub("", line) for line in _lines(f"{folder}/{AIRFLOW}")]
        airflow = (*airflow, (_base(folder), compile_globs(lines, deep=True)))
    return Ignores((git, airflow, settings))


def airflow_ignores(path: Path, root: Path) -> str:
    """Return the `.airflowignore` that covers a path, as text for a message; empty where none does.

    Args:
        path: absolute, of a file or a folder.
        root: the folder of the repository.
    """
    folder = str(path.parent)
    here = {AIRFLOW} if _there(f"{folder}/{AIRFLOW}") else set()
    level = ignores_of(folder, here, ignores_above(folder, str(root), ())).levels[1]
    slash = "/" if path.is_dir() else ""
    for base, globs in reversed(level):
        verdict = globs.verdict(path.name + slash, str(path).removeprefix(base) + slash)
        if verdict is not None:
            return f"{base}{AIRFLOW}" if verdict else ""
    return ""


def _covered(level: Sequence[tuple[str, Globs]], name: str, path: str) -> bool:
    for base, globs in reversed(level):
        relative = path.removeprefix(base)
        verdict = globs.verdict(name, relative)
        if verdict is not None:
            return verdict
    return False


def _base(folder: str) -> str:
    return f"{folder.rstrip('/')}/"


def _there(path: str) -> bool:
    return os.path.exists(path)  # noqa: PTH110 - paths are text here, which is faster


def _lines(path: str) -> list[str]:
    """Return the lines; what is no file that can be read ignores nothing."""
    file = Path(path)
    try:
        if not file.is_file():  # opening a pipe would wait for ever
            return []
        return file.read_text(encoding="utf-8-sig", errors="surrogateescape").splitlines()
    except OSError:
        return []
