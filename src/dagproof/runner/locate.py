"""Finds the file that defines a DAG, importing as few files as it can."""

import contextlib
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
        check_path(wanted)
        return _only_dag(_load(Path(wanted), folders), folders)
    broken: list[LoadedFile] = []
    known: list[str] = []
    for paths in _by_mention(wanted, folders):
        for path in paths:
            loaded = _load(path, folders)
            if wanted in loaded.dags:
                return loaded.dags[wanted]
            known += loaded.dags
            if loaded.error:
                broken.append(loaded)
        mentioned = [loaded for loaded in broken if wanted.encode() in _text(loaded.path)]
        if mentioned:
            raise _broken(mentioned[0], folders)
    raise UsageError(_no_such_dag(wanted, known, folders) + _but_broken(broken))


def find_targets(dag: Any, folders: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files of the DAGs that tasks of a DAG trigger.

    A DAG that is not there, or does not import, is left out: Airflow would not know it, either, and
    says so when the task runs.

    Args:
        dag: a DAG as `find_dag` gives it.
        folders: the dags folders.
    """
    from dagproof.airflow_compat.triggers import trigger_targets

    found = []
    for dag_id in trigger_targets(dag):
        with contextlib.suppress(UsageError, BrokenDagError):
            found.append(Path(find_dag(dag_id, folders).fileloc))
    return tuple(dict.fromkeys(path for path in found if path != Path(dag.fileloc)))


def check_path(wanted: str) -> None:
    """Refuse the path of a DAG file that is not there, before anything is started.

    Raises:
        UsageError: there is no such file.
    """
    if wanted.endswith(".py") and not Path(wanted).is_file():
        raise UsageError(f"There is no file {wanted}.")


def _load(path: Path, folders: Sequence[Path]) -> "LoadedFile":
    from dagproof.airflow_compat.dagbag import load_file

    absolute = path.resolve()
    root = next((folder for folder in folders if absolute.is_relative_to(folder)), absolute.parent)
    return load_file(absolute, root)


def _by_mention(wanted: str, folders: Sequence[Path]) -> tuple[list[Path], ...]:
    """Return the files that hold the id in quotes, those that hold it at all, and the others."""
    mention = re.compile(rb"""["']""" + re.escape(wanted.encode()) + rb"""["']""")
    bare = wanted.encode()
    quoted: list[Path] = []
    named: list[Path] = []
    rest: list[Path] = []
    for path in _python_files(folders):
        text = _text(path)
        group = quoted if mention.search(text) else named if bare in text else rest
        group.append(path)
    return quoted, named, rest


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


def _only_dag(loaded: "LoadedFile", folders: Sequence[Path]) -> Any:
    if loaded.error:
        raise _broken(loaded, folders)
    if len(loaded.dags) == 1:
        return next(iter(loaded.dags.values()))
    if not loaded.dags:
        raise UsageError(f"{loaded.path} defines no DAG.")
    ids = ", ".join(f"`{dag_id}`" for dag_id in sorted(loaded.dags))
    raise UsageError(f"{loaded.path} defines several DAGs; name one of them: {ids}.")


def _broken(loaded: "LoadedFile", folders: Sequence[Path]) -> BrokenDagError:
    text = (loaded.error or "").rstrip()
    reason = text.rpartition("\n")[2]
    hint = _hint(reason, folders)
    return BrokenDagError(f"{loaded.path} does not import: {reason}{hint}\n\n{text}")


def _hint(reason: str, folders: Sequence[Path]) -> str:
    """Say how a package beside the dags folder is imported, as some images of Airflow do."""
    missing = re.fullmatch(r"ModuleNotFoundError: No module named '(\w+)[\w.]*'", reason)
    if missing is None or not any((folder.parent / missing[1]).exists() for folder in folders):
        return ""
    return (
        '\nIt lies beside the dags folder: set `pythonpath = ["."]` under [tool.dagproof] in '
        "pyproject.toml, if your Airflow has that folder on its PYTHONPATH."
    )


def _no_such_dag(wanted: str, known: Sequence[str], folders: Sequence[Path]) -> str:
    where = ", ".join(str(folder) for folder in folders)
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    if near:
        offers = " or ".join(f"`{dag_id}`" for dag_id in near)
        return f"No DAG `{wanted}` in {where}. Did you mean {offers}?"
    ids = ", ".join(f"`{dag_id}`" for dag_id in sorted(known)[:10])
    return f"No DAG `{wanted}` in {where}. " + (f"There are: {ids}." if ids else "It defines none.")


def _but_broken(broken: Sequence["LoadedFile"]) -> str:
    if not broken:
        return ""
    names = ", ".join(str(loaded.path) for loaded in broken[:5])
    return f" It may be in a file that does not import: {names}."
