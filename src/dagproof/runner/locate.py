"""Finds the file that defines a DAG, importing as few files as it can."""

import difflib
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagproof.model import DagproofError, UsageError

if TYPE_CHECKING:
    from dagproof.airflow_compat.dagbag import LoadedFile


class BrokenDagError(DagproofError):
    """The DAG's file does not import."""

    exit_code = 1


def find_dag(wanted: str, folders: Sequence[Path]) -> Any:
    """Return the DAG object for a DAG id or for the path of a DAG file.

    Files that contain the id as text are imported first, the others only when none of those
    defines it.

    Args:
        wanted: a DAG id, or a path that ends in `.py`.
        folders: the dags folders.

    Raises:
        UsageError: there is no such DAG (the nearest ids are offered), the file defines none, or
            several.
        BrokenDagError: the file that should define it does not import.
    """
    if wanted.endswith(".py"):
        return _only_dag(_load(Path(wanted), folders))
    named, rest = _by_mention(wanted, folders)
    broken: list[LoadedFile] = []
    known: dict[str, Path] = {}
    for path in (*named, *rest):
        loaded = _load(path, folders)
        if wanted in loaded.dags:
            return loaded.dags[wanted]
        known.update(dict.fromkeys(loaded.dags, path))
        if loaded.error and path in named:
            broken.append(loaded)
    if broken:
        raise _broken(broken[0])
    raise UsageError(_no_such_dag(wanted, known, folders))


def _load(path: Path, folders: Sequence[Path]) -> "LoadedFile":
    from dagproof.airflow_compat.dagbag import load_file

    absolute = path.resolve()
    if not absolute.is_file():
        raise UsageError(f"There is no file {path}.")
    root = next((folder for folder in folders if absolute.is_relative_to(folder)), absolute.parent)
    return load_file(absolute, root)


def _by_mention(wanted: str, folders: Sequence[Path]) -> tuple[list[Path], list[Path]]:
    mention = re.compile(rb"""["']""" + re.escape(wanted.encode()) + rb"""["']""")
    bare = wanted.encode()
    quoted: list[Path] = []
    named: list[Path] = []
    rest: list[Path] = []
    for path in _python_files(folders):
        text = _text(path)
        group = quoted if mention.search(text) else named if bare in text else rest
        group.append(path)
    return quoted + named, rest


def _text(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""  # mentions nothing; Airflow says what is wrong if it comes to importing it


def _python_files(folders: Sequence[Path]) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path


def _only_dag(loaded: "LoadedFile") -> Any:
    if loaded.error:
        raise _broken(loaded)
    if len(loaded.dags) == 1:
        return next(iter(loaded.dags.values()))
    if not loaded.dags:
        raise UsageError(f"{loaded.path} defines no DAG.")
    ids = ", ".join(f"`{dag_id}`" for dag_id in sorted(loaded.dags))
    raise UsageError(f"{loaded.path} defines several DAGs; name one of them: {ids}.")


def _broken(loaded: "LoadedFile") -> BrokenDagError:
    text = (loaded.error or "").rstrip()
    last = text.rpartition("\n")[2]
    return BrokenDagError(f"{loaded.path} does not import: {last}\n\n{text}")


def _no_such_dag(wanted: str, known: dict[str, Path], folders: Sequence[Path]) -> str:
    where = ", ".join(str(folder) for folder in folders)
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    if near:
        offers = " or ".join(f"`{dag_id}`" for dag_id in near)
        return f"No DAG `{wanted}` in {where}. Did you mean {offers}?"
    ids = ", ".join(f"`{dag_id}`" for dag_id in sorted(known)[:10])
    return f"No DAG `{wanted}` in {where}. " + (f"There are: {ids}." if ids else "It defines none.")
