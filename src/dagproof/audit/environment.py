"""The environment in which DAG files are imported, and where bytecode is kept."""

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from dagproof.airflow_compat.environment import airflow_environment
from dagproof.config import Settings
from dagproof.model.cache import cache_folder, is_ours

_LARGE: Final = ("airflow", "sqlalchemy", "pydantic", "numpy", "pandas", "sklearn", "mlflow")
"""Packages that take long to compile, and tell for the others whether they are."""

_OF_A_DEPLOYMENT: Final = (
    "AIRFLOW__CORE__SQL_ALCHEMY_CONN", "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN", "AIRFLOW__SECRETS__",
    "AIRFLOW__WORKERS__SECRETS_BACKEND",
)  # fmt: skip
"""How variables begin that lead to a database or to secrets, which an import must not reach."""


def import_environment(
    settings: Settings, home: Path, files: Path
) -> tuple[Mapping[str, str], str]:
    """Return the whole environment, and the folder that Python is told to keep bytecode in.

    Args:
        settings: of the repository.
        home: the scratch `AIRFLOW_HOME`.
        files: the scratch folder that imports may write to.
    """
    bytecode = _bytecode_folder()
    kept = {"PYTHONPYCACHEPREFIX": bytecode} if bytecode else {}
    given = {**os.environ, **settings.env}
    environ = {
        **{name: value for name, value in given.items() if not name.startswith(_OF_A_DEPLOYMENT)},
        **airflow_environment(home, settings.dags[0], settings.plugins),
        **kept,
        "TMPDIR": str(files),
        # Nobody's own: what a configuration file says of them does not count either.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": f"sqlite+aiosqlite:///{home}/airflow.db",
        "AIRFLOW__SECRETS__BACKEND": "",
        "AIRFLOW__WORKERS__SECRETS_BACKEND": "",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL",
        "PYTHONUNBUFFERED": "",
    }
    if bytecode:
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return environ, bytecode


def _has_bytecode(package: str) -> bool:
    """Say whether a package is compiled; one that is not installed needs nothing."""
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        return True
    return Path(importlib.util.cache_from_source(spec.origin)).exists()


def _bytecode_folder() -> str:
    """Return a folder of ours where Python keeps none of its own, and packages have none either.

    Containers often set `PYTHONDONTWRITEBYTECODE`; without bytecode it takes three times as long
    to import Airflow, or pandas.
    """
    if sys.pycache_prefix is not None:
        return sys.pycache_prefix
    if not sys.dont_write_bytecode or all(map(_has_bytecode, _LARGE)):
        return ""
    folder = cache_folder(os.environ) / "bytecode"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return ""
    return str(folder) if is_ours(folder) else ""
