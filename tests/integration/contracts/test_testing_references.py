"""The helpers on the reference DAGs, in a process where Airflow came first."""

import pytest
from scipy import sparse

import iris.dag  # noqa: F401 - imports Airflow before the repository's environment is set
from dagproof.model import UsageError
from dagproof.testing import render_task, xcom_round_trip

TAXI = "mlops_taxi_dag"


@pytest.fixture(autouse=True)
def _storage(tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_ROOT", str(tmp_path))


def test_conf_of_one_call_is_gone_in_the_next():
    render_task(TAXI, "plan_months", {"colour": "yellow", "months": 3})

    assert render_task(TAXI, "plan_months")["op_kwargs"]["colour"] == "green"


def test_backend_of_the_settings_is_used_whoever_imported_airflow_before():
    assert xcom_round_trip(sparse.csr_array([[1, 0]])).losses == ()


def test_xcoms_of_a_mapped_task_can_be_read_afterwards():
    pushed = {"build_features": [{"trips": sparse.csr_array([[1, 0]])}, {"trips": 1}]}
    rendered = render_task(TAXI, "train_and_log_model", xcoms=pushed, map_index=1)
    months = rendered["op_kwargs"]["months"]

    assert (len(months), months[0]["trips"].nnz, months[1]) == (2, 1, {"trips": 1})


def test_mapped_task_wants_to_know_which_instance():
    with pytest.raises(UsageError, match="map_index"):
        render_task(TAXI, "download")
