"""The environment in which DAG files are imported, and where bytecode is kept."""

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

from dagproof.airflow_compat.environment import airflow_environment
from dagproof.config import Settings
from dagproof.model.cache import cache_folder, is_ours


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
    environ = {
        **os.environ,
        **settings.env,
        **airflow_environment(home, settings.dags[0], settings.plugins),
        **kept,
        "TMPDIR": str(files),
        # Nobody's own: an import must not reach the database or the secrets of a deployment.
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__SECRETS__BACKEND": "",
        "AIRFLOW__LOGGING__LOGGING_LEVEL": "CRITICAL",
        "PYTHONUNBUFFERED": "",
    }
    if bytecode:
        environ.pop("PYTHONDONTWRITEBYTECODE", None)
    return environ, bytecode


def _bytecode_folder() -> str:
    """Return a folder of ours where Python keeps none of its own, and Airflow has none either.

    Containers often set `PYTHONDONTWRITEBYTECODE`; without bytecode it takes three times as long
    to import Airflow.
    """
    if sys.pycache_prefix is not None:
        return sys.pycache_prefix
    spec = importlib.util.find_spec("airflow")
    if not sys.dont_write_bytecode or spec is None or spec.origin is None:
        return ""
    if Path(importlib.util.cache_from_source(spec.origin)).exists():
        return ""
    folder = cache_folder(os.environ) / "bytecode"
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:
        return ""
    return str(folder) if is_ours(folder) else ""
