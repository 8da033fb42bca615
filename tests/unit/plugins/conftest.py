"""Gives each test of the plugins its own DATA_ROOT, and keeps Airflow out of the home folder."""

import os
import tempfile
from pathlib import Path

import pytest

# Before anything imports Airflow, which creates its home when it is imported.
_HOME = tempfile.TemporaryDirectory(prefix="mlops-tests-")
os.environ.setdefault("AIRFLOW_HOME", _HOME.name)


@pytest.fixture(autouse=True)
def data_root(tmp_path, monkeypatch) -> Path:
    """Point DATA_ROOT at an empty folder, and forget what the machine sets."""
    for name in ("ENV", "ENVIRONMENTS_DIR", "MLFLOW_TRACKING_URI", "NOTIFY_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "data"
    monkeypatch.setenv("DATA_ROOT", f"file://{root}")
    return root
