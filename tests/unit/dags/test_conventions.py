"""Every DAG file of the repository keeps to what a reader may copy from it."""

from pathlib import Path

import pytest
import yaml
from fixtures import iris_family  # noqa: F401 - gives Airflow a home of its own

from dagproof.config import load_settings

ROOT = Path(__file__).parents[3]
FILES = sorted((ROOT / "dags").glob("*/dag.py"))


@pytest.fixture(scope="module", params=FILES, ids=lambda path: path.parent.name)
def dag(request):
    from dagproof.airflow_compat.dagbag import load_file

    loaded = load_file(request.param, ROOT / "dags")
    assert loaded.error is None
    (found,) = loaded.dags.values()
    return found


def test_every_folder_of_a_pipeline_has_one_dag_file_and_says_what_it_is():
    folders = {path.parent for path in (ROOT / "dags").rglob("*.py")}
    assert {path.parent for path in FILES} == folders
    for folder in folders:
        assert (folder / "__init__.py").read_text().startswith('"""')


def test_every_task_has_an_owner_retries_and_a_failure_notifier(dag):
    for task in dag.tasks:
        assert task.owner not in {"", "airflow"}, task.task_id
        assert task.retries >= 1, task.task_id
        assert task.on_failure_callback, task.task_id


def test_no_past_is_caught_up_and_people_can_read_what_it_does(dag):
    assert dag.catchup is False
    assert (dag.doc_md or dag.description or "").strip()
    assert dag.tags


def test_every_param_says_its_type_and_what_it_is_for(dag):
    for name in dag.params:
        schema = dag.params.get_param(name).schema
        assert "type" in schema, name


def test_every_dag_is_run_by_the_gate(dag):
    assert dag.dag_id in {run.dag for run in load_settings(ROOT).runs}


def test_pools_are_those_that_every_environment_has(dag):
    for path in (ROOT / "environments").glob("*.yaml"):
        pools = set(yaml.safe_load(path.read_text())["pools"])
        assert {task.pool for task in dag.tasks} <= pools, path.name
