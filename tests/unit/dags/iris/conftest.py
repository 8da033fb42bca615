"""Gives each test of the iris steps its own DATA_ROOT and its own MLflow."""

import os
import shutil
import tempfile
from pathlib import Path

import mlflow
import pytest

# Before anything imports Airflow, which creates its home when it is imported.
_HOME = tempfile.TemporaryDirectory(prefix="iris-tests-")
os.environ.setdefault("AIRFLOW_HOME", _HOME.name)


@pytest.fixture(autouse=True)
def data_root(tmp_path, monkeypatch) -> Path:
    """Point DATA_ROOT at an empty folder, and forget what the machine sets."""
    for name in ("ENV", "ENVIRONMENTS_DIR", "NOTIFY_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    root = tmp_path / "data"
    monkeypatch.setenv("DATA_ROOT", f"file://{root}")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    return root


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    path = tmp_path_factory.mktemp("mlflow") / "template.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def server(migrated, tmp_path, monkeypatch):
    """Provide an MLflow store of the test's own."""
    shutil.copy(migrated, tmp_path / "mlflow.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
