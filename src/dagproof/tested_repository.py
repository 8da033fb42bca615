"""The repository that a test belongs to: its settings, its environment, its DAGs."""

import atexit
import contextlib
import functools
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

from dagproof.airflow_compat.environment import airflow_environment
from dagproof.airflow_compat.home import scratch_home
from dagproof.app import make_importable
from dagproof.config import Settings, load_settings
from dagproof.runner import find_dag


@contextlib.contextmanager
def tested_repository() -> Iterator[Settings]:
    """Set the environment of the repository that the tests belong to."""
    settings = _settings()
    home = Path(os.environ.get("AIRFLOW_HOME") or _home())
    airflow = airflow_environment(home, settings.dags[0], settings.plugins)
    with mock.patch.dict(os.environ, {**airflow, **settings.env}):
        make_importable(settings)
        yield settings


@functools.cache
def _home() -> Path:
    """Return a scratch home that goes with the process: no pytest is there to make one."""
    stack = contextlib.ExitStack()
    atexit.register(stack.close)
    return stack.enter_context(scratch_home())


def _settings() -> Settings:
    """Return the settings of the working directory, read again when their file has changed."""
    here = Path.cwd()
    files = (folder / "pyproject.toml" for folder in (here, *here.parents))
    file = next((one for one in files if one.is_file()), None)
    return _settings_of(here, file, file.stat().st_mtime_ns if file else 0)


@functools.lru_cache(maxsize=16)
def _settings_of(here: Path, _file: Path | None, _changed: int) -> Settings:
    return load_settings(here)


def tested_dag(settings: Settings, dag_id: str) -> Any:
    """Return a DAG by its id or file, imported anew when a DAG file has changed.

    Raises:
        UsageError: there is no such DAG.
    """
    return _loaded(dag_id, settings.dags, _state(settings.dags))


@functools.lru_cache(maxsize=256)
def _loaded(dag_id: str, folders: tuple[Path, ...], _state_of_files: object) -> Any:
    return find_dag(dag_id, folders)


def _state(folders: tuple[Path, ...]) -> object:
    """Return what tells when DAG files change."""
    return tuple(
        (str(path), path.stat().st_mtime_ns)
        for folder in folders
        for path in sorted(folder.rglob("*.py"))
    )
