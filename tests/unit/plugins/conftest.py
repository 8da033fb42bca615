"""Gives each test of the plugins its own DATA_ROOT, and keeps Airflow out of the home folder."""

import os
import shutil
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


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A migrated store that nobody uses."""
    import mlflow

    path = tmp_path_factory.mktemp("mlflow") / "template.db"
    mlflow.MlflowClient(f"sqlite:///{path}").search_experiments()
    return path


@pytest.fixture
def server(migrated, tmp_path, monkeypatch):
    """A store of its own, whose artifacts stay in the test's folder."""
    import mlflow

    shutil.copy(migrated, tmp_path / "mlflow.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")


@pytest.fixture
def task(monkeypatch):
    """Be inside a task."""
    from mlops import task_context
    from mlops.task_context import TaskIdentity

    identity = TaskIdentity("dag", "manual__2024-01-01T00:00:00+00:00", "train", -1, 1)
    monkeypatch.setattr(task_context, "current", lambda: identity)
    return identity
