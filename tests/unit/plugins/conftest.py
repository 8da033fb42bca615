"""Gives each test of the plugins its own DATA_ROOT."""

import pytest
from fixtures.tracking_stores import data_root, server

__all__ = ["data_root", "server"]


@pytest.fixture(autouse=True)
def _no_address(data_root, monkeypatch):
    """Leave it to the test where MLflow is."""
    monkeypatch.delenv("MLFLOW_TRACKING_URI")


@pytest.fixture
def task(monkeypatch):
    """Be inside a task."""
    from mlops import task_context
    from mlops.task_context import TaskIdentity

    identity = TaskIdentity("dag", "manual__2024-01-01T00:00:00+00:00", "train", -1, 1)
    monkeypatch.setattr(task_context, "current", lambda: identity)
    return identity
