"""The pipelines of this repository: what their shared modules and their own steps affect."""

from pathlib import Path

import pytest

from dagproof.config import load_settings
from dagproof.impact import impact
from dagproof.model import ChangedFile, Comparison

ROOT = Path(__file__).parents[3]
IRIS, TAXI = "dags/iris/dag.py", "dags/taxi/dag.py"


@pytest.mark.parametrize(
    ("changed", "affected"),
    [
        ("plugins/mlops/once.py", {IRIS, TAXI}),
        ("plugins/mlops/storage.py", {IRIS, TAXI}),
        ("dags/taxi/linear.py", {TAXI}),
        ("dags/taxi/train.py", {TAXI}),
        ("dags/iris/data.py", {IRIS}),
        ("dags/iris/dag.py", {IRIS}),
        ("environments/dev.yaml", {IRIS, TAXI}),
        ("pyproject.toml", {IRIS, TAXI}),
        ("README.md", set()),
        ("docs/lint.md", set()),
        ("tests/unit/test_cli.py", set()),
        ("src/dagproof/cli.py", set()),
    ],
)
def test_a_change_of_the_reference_repository(monkeypatch, changed, affected):
    monkeypatch.chdir(ROOT)
    assert (ROOT / changed).is_file()
    found = impact(load_settings(ROOT), Comparison(files=(ChangedFile(str(ROOT / changed)),)))

    assert {one.path for one in found.affected} == affected
    assert found.total == 2
    assert bool(found.idle) is not bool(affected)


def test_the_xcom_backend_of_the_settings_is_for_everything(monkeypatch):
    monkeypatch.chdir(ROOT)
    change = ChangedFile(str(ROOT / "plugins/mlops/sparse_npz.py"))
    found = impact(load_settings(ROOT), Comparison(files=(change,)))

    assert found.everything == (
        "`plugins/mlops/sparse_npz.py` has changed, which Airflow loads for every DAG."
    )
    assert {one.dag_ids for one in found.affected} == {
        ("ml_training_pipeline",),
        ("mlops_taxi_dag",),
    }
