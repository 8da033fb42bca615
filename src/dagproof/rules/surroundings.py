"""Reads what a repository's other files say, for rules that have found something already."""

import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Final

REQUIREMENTS: Final = (
    "requirements.txt",
    "pyproject.toml",
    "requirements-airflow.txt",
    "Dockerfile",
)
CONFIGURATIONS: Final = (
    "pyproject.toml", "airflow.cfg", ".env", "Dockerfile", "docker-compose.yml",
    "docker-compose.yaml", "compose.yml", "compose.yaml", "values.yaml",
)  # fmt: skip
"""Where Airflow is configured, if a repository does it in the usual way."""

_UPWARDS: Final = 5
_NAMED: Final = rb"""mlflow(?:-skinny)?(?:\[[\w,]*\])?\s*"""
_POETRY: Final = rb"""mlflow(?:-skinny)?\s*=\s*(?:\{[^}\n]*?version\s*=\s*)?["']"""
_OLD: Final = re.compile(
    rb"(?:" + _NAMED + rb"(?:==|~=|<=?)|" + _POETRY + rb"(?:[\^~]|==|<=?)?)\s*[012]\b"
)
_WITH_FILES: Final = re.compile(
    rb"(?:" + _NAMED + rb"(?:==|<=)|" + _POETRY + rb"(?:~|==|<=)?)\s*3\.(?:\d|1[0-2])\b"
)
"""MLflow from 3.0 to 3.12, which still keeps runs in folders."""
_CAPPED: Final = re.compile(rb"""mlflow(?:-skinny)?(?:\[[\w,]*\])?[^#\n'"]*<\s*3(?:\.0)*\b(?!\.)""")
_BACKEND: Final = re.compile(
    rb"""^[^#;\n]*?xcom_backend["']?\s*[:= ]\s*["']?([\w.]+)""", re.IGNORECASE | re.MULTILINE
)
_USUAL: Final = (b"BaseXCom", b"XComObjectStorageBackend")


def pins_old_mlflow(path: Path) -> bool:
    """Return whether a file near a module asks for an MLflow older than 3."""
    return _pins_old_mlflow(path.parent)


@lru_cache(maxsize=1024)
def _pins_old_mlflow(folder: Path) -> bool:
    return any(_OLD.search(data) or _CAPPED.search(data) for data in _near(folder, REQUIREMENTS))


def may_keep_files(path: Path) -> bool:
    """Return whether a file near a module has MLflow keep its runs in folders, as it once did."""
    return _may_keep_files(path.parent)


@lru_cache(maxsize=1024)
def _may_keep_files(folder: Path) -> bool:
    return (
        _pins_old_mlflow(folder)
        or any(_WITH_FILES.search(data) for data in _near(folder, REQUIREMENTS))
        or any(b"MLFLOW_ALLOW_FILE_STORE" in data for data in _near(folder, CONFIGURATIONS))
    )


def has_xcom_backend(path: Path) -> bool:
    """Return whether a file near a module names an XCom backend of its own."""
    return _has_xcom_backend(path.parent)


@lru_cache(maxsize=1024)
def _has_xcom_backend(folder: Path) -> bool:
    return any(
        not found.endswith(_USUAL)
        for data in _near(folder, CONFIGURATIONS)
        for found in _BACKEND.findall(data)
    )


def state(files: Iterable[Path]) -> tuple[tuple[str, int, int], ...]:
    """Return what changes when a file near one of these modules does: path, time and size."""
    folders = {folder for file in files for folder in list(file.parents)[:_UPWARDS]}
    found = []
    for path in (folder / name for folder in folders for name in {*REQUIREMENTS, *CONFIGURATIONS}):
        with suppress(OSError):
            about = path.stat()
            found.append((str(path), about.st_mtime_ns, about.st_size))
    return tuple(sorted(found))


def forget() -> None:
    """Forget what was read: a new run looks again."""
    for known in (_read, _pins_old_mlflow, _may_keep_files, _has_xcom_backend):
        known.cache_clear()


def _near(start: Path, names: tuple[str, ...]) -> Iterator[bytes]:
    for folder in [start, *start.parents][:_UPWARDS]:
        for name in names:
            data = _read(folder / name)
            if data:
                yield data
        if (folder / ".git").exists():
            return


@lru_cache(maxsize=1024)
def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""
