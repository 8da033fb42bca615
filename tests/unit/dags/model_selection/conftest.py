"""Gives each test of the selection its own DATA_ROOT and its own MLflow."""

import pandas as pd
import pytest
from fixtures.tracking_stores import data_root, use_copy

__all__ = ["data_root"]


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
    return use_copy(template[0] / "mlflow.db", tmp_path, monkeypatch)


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
