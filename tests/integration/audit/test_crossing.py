"""A target that no DAG has is found among DAGs whose ids nobody can read."""

import json
import os
import subprocess
import sys

import pytest

FACTORY = """\
import json
from pathlib import Path

from airflow.sdk import DAG

for name in json.loads((Path(__file__).parent / "names.json").read_text()):
    globals()[name] = DAG(f"load_{name}", schedule=None)
"""
START = """\
from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG

with DAG("start", schedule=None):
    TriggerDagRunOperator(task_id="one", trigger_dag_id="load_orders")
    TriggerDagRunOperator(task_id="two", trigger_dag_id="load_odrers")
"""


@pytest.fixture
def repository(tmp_path):
    root = tmp_path / "repository"
    files = {
        "pyproject.toml": "[tool.dagproof]\n",
        "dags/names.json": '["orders", "rates"]',
        "dags/factory.py": FACTORY,
        "dags/start.py": START,
    }
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    return root


def told(root, command, *paths):
    """Return the findings about targets: path, line, message."""
    done = subprocess.run(
        [sys.executable, "-m", "dagproof", command, "--format", "json", *paths],
        cwd=root, env={**os.environ, "DAGPROOF_CACHE": str(root.parent / "cache")},
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode in {0, 1}, done.stderr
    return [
        (one["path"], one["line"], one["message"])
        for one in json.loads(done.stdout)["findings"]
        if one["code"] == "DP123"
    ]


def test_wrong_target_in_a_repository_with_a_factory_is_found_where_all_is_seen(repository):
    message = "The repository has no DAG `load_odrers`; the nearest is `load_orders`"

    assert told(repository, "lint") == [], "reading cannot know"
    assert told(repository, "audit") == [("dags/start.py", 6, message)]
    assert told(repository, "audit", "dags/start.py") == []


@pytest.mark.parametrize(
    ("broken", "is_told"),
    [
        ("import gone  # airflow dag", True),
        ("import gone\nfrom airflow.sdk import DAG\nDAG('load_odrers')", False),
        ("import gone\nfrom airflow.sdk import DAG\nDAG(gone.NAME)", False),
        ("from airflow.sdk import DAG\nDAG('another'", True),
        ("from airflow.sdk import DAG\nDAG('load_odrers'", False),
    ],
)
def test_file_that_does_not_import_has_the_dags_that_its_text_tells(repository, broken, is_told):
    (repository / "dags" / "broken.py").write_text(f"{broken}\n")

    assert [where for where, *_ in told(repository, "audit")] == ["dags/start.py"] * is_told


def test_wrong_target_fails_the_test_of_its_file(repository):
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "--dagproof", "-p", "no:cacheprovider", "-q"],
        cwd=repository, capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip

    failed = [line for line in done.stdout.splitlines() if "DP123 missing-trigger-target:" in line]
    assert len(failed) == 1, done.stdout + done.stderr
    assert failed[0].startswith("FAILED dags/start.py::import")
