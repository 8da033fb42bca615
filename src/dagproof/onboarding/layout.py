"""Finds where a repository keeps its DAGs and what they import, by reading."""

import os
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from dagproof.model import UnavailableError, UsageError
from dagproof.rules.entry_points import LIBRARIES
from dagproof.source.discovery import find_files, is_dag_file

_MAKES_DAG: Final = re.compile(
    rb"\b\w*(?:DAG|Dag)\s*\(|^\s*@dag\b|^\s*@asset\b|\bload_yaml_dags\b", re.MULTILINE
)
_IMPORTS: Final = re.compile(rb"^[ \t]*(?:from|import)[ \t]+(\w+)", re.MULTILINE)
_NAMES: Final = frozenset({"dags", "dag", "airflow_dags"})
_APART: Final = frozenset({"test", "tests", "testing", "doc", "docs", "build", "dist"})
_HOMES: Final = ("", "src", "lib", "include", "config")
_MANY: Final = 5
"""Folders of DAGs that nothing names so: of more, the folder above all of them is taken."""

_KNOWN: Final = LIBRARIES | sys.stdlib_module_names | {"airflow"}


@dataclass(frozen=True, slots=True)
class Layout:
    """Where a repository keeps what Airflow imports; all paths are absolute.

    Attributes:
        dags: folders.
        plugins: folder, if there is one.
        pythonpath: other folders that DAG files import from.
        files: those that make DAGs, in the dags folders.
        elsewhere: files that make DAGs in other folders, other than tests.
    """

    dags: tuple[Path, ...]
    plugins: Path | None = None
    pythonpath: tuple[Path, ...] = ()
    files: tuple[Path, ...] = ()
    elsewhere: tuple[Path, ...] = ()


def find_layout(root: Path, named: Sequence[Path] = ()) -> Layout:
    """Look for DAGs, plugins, and folders that these import from.

    Args:
        root: absolute; of the repository.
        named: dags folders that the user names; none to look for them.

    Raises:
        UsageError: a named folder is not there, or not in the repository.
        UnavailableError: there is no file that makes a DAG.
    """
    chosen = tuple(_checked(folder, root) for folder in named)
    found = find_files([root], root=root).files
    makers = [path for path in found if _makes_dag(path)]
    proper = [path for path in makers if not _is_apart(path.relative_to(root))] or makers
    dags = chosen or _folders(proper, root)
    if not dags:
        if not (root / "dags").is_dir():
            raise UnavailableError(
                f"No Python file below {root} makes a DAG. Go to the folder of your DAG "
                "repository, or name its dags folder: `dagproof init --dags FOLDER`."
            )
        dags = (root / "dags",)
    plugins = _plugins(dags, root)
    roots = (*dags, *((plugins,) if plugins else ()))
    read = [path for path in found if _lies_in(path, roots)]
    return Layout(
        dags,
        plugins,
        tuple(_pythonpath(read, roots, root)),
        files=tuple(path for path in makers if _lies_in(path, dags)),
        elsewhere=tuple(path for path in proper if not _lies_in(path, roots)),
    )


def _checked(folder: Path, root: Path) -> Path:
    place = Path(os.path.abspath(folder))  # noqa: PTH100 - resolve() follows links
    if not place.is_dir():
        raise UsageError(f"There is no folder {folder}; name one that holds DAG files.")
    if place != root and root not in place.parents:
        raise UsageError(f"{folder} is outside of {root}; go to the folder that holds both.")
    return place


def _makes_dag(path: Path) -> bool:
    try:
        data = path.read_bytes()
    except OSError:
        return False
    return is_dag_file(data) and _MAKES_DAG.search(data) is not None


def _is_apart(path: Path) -> bool:
    return not _APART.isdisjoint(path.parts)


def _lies_in(path: Path, folders: Iterable[Path]) -> bool:
    return any(folder in path.parents for folder in folders)


def _folders(files: Sequence[Path], root: Path) -> tuple[Path, ...]:
    """Return the outermost folders of such a name; where none has one, those that hold DAGs."""
    named = {folder for path in files for folder in _named(path, root)}
    if named:
        return tuple(sorted(named))
    parents = {path.parent for path in files}
    outermost = {one for one in parents if parents.isdisjoint(one.parents)}
    if len(outermost) > _MANY:
        return (Path(os.path.commonpath(outermost)),)
    return tuple(sorted(outermost))


def _named(path: Path, root: Path) -> Iterator[Path]:
    folder = root
    for part in path.relative_to(root).parts[:-1]:
        folder /= part
        if part.lower() in _NAMES:
            yield folder
            return


def _plugins(dags: Sequence[Path], root: Path) -> Path | None:
    beside = (folder.parent / "plugins" for folder in dags if folder != root)
    return next((folder for folder in (*beside, root / "plugins") if folder.is_dir()), None)


def _pythonpath(read: Sequence[Path], roots: Sequence[Path], root: Path) -> Iterator[Path]:
    """Yield the folders that hold what files import and that Airflow does not look into."""
    wanted = sorted({name for path in read for name in _imported(path)} - _KNOWN)
    near = dict.fromkeys(one for folder in roots for one in (folder.parent, root))
    places = [folder / home for folder in near for home in _HOMES]
    inside = [one for one in places if one == root or root in one.parents]
    homes: dict[Path, None] = {}
    for name in wanted:
        if any(_holds(folder, name) for folder in roots):
            continue
        home = next((folder for folder in inside if _holds(folder, name)), None)
        if home is not None and home not in roots and not _is_installed(name, root):
            homes[home] = None
    yield from homes


def _imported(path: Path) -> set[str]:
    try:
        return {name.decode() for name in _IMPORTS.findall(path.read_bytes())}
    except (OSError, UnicodeDecodeError):
        return set()


def _holds(folder: Path, name: str) -> bool:
    """Say whether a module or package of this name is in a folder."""
    if (folder / f"{name}.py").is_file():
        return True
    package = folder / name
    return package.is_dir() and next(package.rglob("*.py"), None) is not None


def _is_installed(name: str, root: Path) -> bool:
    """Say whether a library is meant, not what lies in the repository."""
    try:
        spec = find_spec(name)
    except (ImportError, ValueError):
        return False
    return spec is not None and spec.origin is not None and root not in Path(spec.origin).parents
