"""Gives each test of the selection its own DATA_ROOT and its own MLflow."""

import os
import shutil
import tempfile

import mlflow
import pandas as pd
import pytest

# Before anything imports Airflow, which creates its home when it is imported.
_HOME = tempfile.TemporaryDirectory(prefix="model-selection-tests-")
os.environ.setdefault("AIRFLOW_HOME", _HOME.name)


@pytest.fixture(autouse=True)
def data_root(tmp_path, monkeypatch):
    """Point DATA_ROOT at an empty folder, and forget what the machine sets."""
    for name in ("ENV", "ENVIRONMENTS_DIR", "NOTIFY_WEBHOOK_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("DATA_ROOT", f"file://{tmp_path}/data")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    return tmp_path / "data"


@pytest.fixture(scope="session")
def template(tmp_path_factory):
    """What a run has when its candidates are trained: its data, and an MLflow store."""
    from model_selection import candidates, data

    folder = tmp_path_factory.mktemp("template")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)  # where MLflow puts artifacts of a database in a file
        patched.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        patched.setenv("DATA_ROOT", f"file://{folder}/data")
        valid = data.validate(data.fetch("first", "sklearn"), "target")
        trained = [candidates.train(name, valid, 42) for name in candidates.NAMES]
    return folder, valid, trained


@pytest.fixture
def server(template, tmp_path, monkeypatch):
    """Provide an MLflow store of the test's own, in which the candidates are trained."""
    shutil.copy(template[0] / "mlflow.db", tmp_path / "mlflow.db")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    return mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")


@pytest.fixture
def valid(template, tmp_path):
    """What `validate` returned for the bundled table; the run writes to the test's own folder."""
    return {**template[1], "base": f"file://{tmp_path}/data/model_selection/first"}


@pytest.fixture
def trained(template):
    """What `train` returned for both candidates."""
    return [dict(one) for one in template[2]]


@pytest.fixture(scope="session")
def tumours():
    """The bundled table."""
    from sklearn.datasets import load_breast_cancer

    frame: pd.DataFrame = load_breast_cancer(as_frame=True).frame
    return frame
