"""The pipelines of this repository: what their shared modules and their own steps affect."""

from pathlib import Path

import pytest

from dagproof.config import load_settings
from dagproof.impact import impact
from dagproof.model import ChangedFile, Comparison

ROOT = Path(__file__).parents[3]
IRIS, TAXI = "dags/iris/dag.py", "dags/taxi/dag.py"
PIPELINES = {path.relative_to(ROOT).as_posix() for path in ROOT.glob("dags/*/dag.py")}


def affected_by(changed):
    assert (ROOT / changed).is_file()
    return impact(load_settings(ROOT), Comparison(files=(ChangedFile(str(ROOT / changed)),)))


@pytest.mark.parametrize(
    ("changed", "affected", "others"),
    [
        ("plugins/mlops/once.py", {IRIS, TAXI}, set()),
        ("plugins/mlops/storage.py", {IRIS, TAXI}, set()),
        ("dags/taxi/linear.py", {TAXI}, {IRIS}),
        ("dags/taxi/train.py", {TAXI}, {IRIS}),
        ("dags/iris/data.py", {IRIS}, {TAXI}),
        ("dags/iris/dag.py", {IRIS}, {TAXI}),
        ("environments/dev.yaml", PIPELINES, set()),
        ("pyproject.toml", PIPELINES, set()),
        ("README.md", set(), PIPELINES),
        ("docs/lint.md", set(), PIPELINES),
        ("tests/unit/test_cli.py", set(), PIPELINES),
        ("src/dagproof/cli.py", set(), PIPELINES),
    ],
)
def test_a_change_of_the_reference_repository(monkeypatch, changed, affected, others):
    monkeypatch.chdir(ROOT)
    found = affected_by(changed)

    paths = {one.path for one in found.affected}
    assert affected <= paths <= PIPELINES - others
    assert found.total == len(PIPELINES)
    assert bool(found.idle) is not bool(affected)


def test_the_xcom_backend_of_the_settings_is_for_everything(monkeypatch):
    monkeypatch.chdir(ROOT)
    found = affected_by("plugins/mlops/sparse_npz.py")

    assert found.everything == (
        "`plugins/mlops/sparse_npz.py` has changed, which Airflow loads for every DAG."
    )
    assert {one.path for one in found.affected} == PIPELINES
    assert {("ml_training_pipeline",), ("mlops_taxi_dag",)} <= {
        one.dag_ids for one in found.affected
    }
