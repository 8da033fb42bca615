"""The files of a change by their real paths: Python, data, what everything depends on."""

import os
import posixpath
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from dagproof.impact.former import Former
from dagproof.impact.kinds import is_for_everything, is_idle, is_workflow
from dagproof.model import ChangedFile


@dataclass(frozen=True, slots=True)
class Where:
    """The folders of a repository, as real paths.

    Attributes:
        top: of the repository.
        dags: the dags folders.
        plugins: the plugins folder, or empty.
        roots: all folders that imports look in.
    """

    top: str
    dags: tuple[str, ...]
    plugins: str
    roots: tuple[str, ...]

    def root_of(self, path: str) -> str:
        """Return the innermost folder of imports that a file lies in, or an empty text."""
        return max(
            (root for root in self.roots if path.startswith(f"{root}/")), key=len, default=""
        )

    def is_plugin(self, path: str) -> bool:
        """Say whether a file lies in the plugins folder."""
        return bool(self.plugins) and path.startswith(f"{self.plugins}/")

    def holds_root(self, path: str) -> bool:
        """Say whether a path is that of a folder of imports, or of one above it."""
        return any(f"{root}/".startswith(f"{path}/") for root in self.roots)

    def inside(self, path: str) -> str | None:
        """Return the path of a file in the repository; None where it lies elsewhere."""
        return path[len(self.top) + 1 :] if path.startswith(f"{self.top}/") else None


@dataclass(slots=True)
class Changes:
    """What has changed.

    Attributes:
        files: by each real path under which it is or was known.
        everything: a file that everything depends on, and why; None where there is none.
        data: real paths of what is no Python, and is not known to be idle by its kind alone.
    """

    files: dict[str, ChangedFile] = field(default_factory=dict)
    everything: tuple[ChangedFile, str] | None = None
    data: dict[str, ChangedFile] = field(default_factory=dict)

    @property
    def python(self) -> Mapping[str, ChangedFile]:
        """The Python files."""
        return {path: one for path, one in self.files.items() if path.endswith(".py")}


def real_paths(change: ChangedFile) -> Sequence[str]:
    """Return every real path under which a file is or was known: of a link its own one, too."""
    found = []
    for path in change.paths:
        folder, name = posixpath.split(path)
        own = f"{os.path.realpath(folder).rstrip('/')}/{name}"
        found += [own, os.path.realpath(own)] if Path(own).is_symlink() else [own]
    return found


def sort_out(
    changes: Iterable[ChangedFile], where: Where, manifests: Collection[str], former: Former
) -> Changes:
    """Return what has changed, by kind.

    Args:
        changes: as git tells.
        where: the folders.
        manifests: real paths of the files that declare pools, connections and variables.
        former: gives files as they were.
    """
    found = Changes()
    for change in changes:
        for path in real_paths(change):
            found.files[path] = change
            why = _for_everything(path, where, manifests, former)
            if why and found.everything is None:
                found.everything = (change, why)
            if not path.endswith(".py"):
                found.data[path] = change
    return found


def _for_everything(path: str, where: Where, manifests: Collection[str], former: Former) -> str:
    """Return why everything depends on a file; empty where it does not."""
    inside = where.inside(path)
    if inside is None:
        folder = posixpath.dirname(path)
        above = where.top.startswith(f"{folder.rstrip('/')}/") or where.holds_root(path)
        if not above and ".github/workflows" not in folder and not where.root_of(path):
            return ""
        inside = _below_common(path, where.top)
    if Path(path).is_dir():
        return "is a folder of its own, such as a link or a submodule"
    if path in manifests:
        return "declares what every DAG may use"
    if is_for_everything(inside):
        return "says what is installed, or how Airflow is set up"
    if is_workflow(inside) and _calls_dagproof(path, former):
        return "says how CI calls dagproof"
    return ""


def _below_common(path: str, top: str) -> str:
    common = posixpath.commonpath([path, top])
    return posixpath.relpath(path, common)


def _calls_dagproof(path: str, former: Former) -> bool:
    """Say whether a file of CI does, or did, or may have done."""
    try:
        said = Path(path).read_bytes()
    except OSError:
        said = None
    before = former.read(path)
    if said is None and before is None:
        return True
    return any(b"dagproof" in one for one in (said, before) if one is not None)


def is_plain(path: str, where: Where) -> bool:
    """Say whether nothing depends on a file unless a DAG names it."""
    inside = where.inside(path)
    if inside is None and not where.root_of(path):
        return True
    return is_idle(inside or posixpath.basename(path))
