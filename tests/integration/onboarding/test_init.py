"""`dagproof init` in a foreign repository: what it writes holds, and is what tools expect."""

import json
import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

if find_spec("airflow") is None:
    pytest.skip("needs Airflow", allow_module_level=True)

BIN = Path(sys.executable).parent

FILES = {
    "dags/etl.py": """\
from airflow.sdk import Param, dag, task
from helpers.sums import total
from include.numbers import NUMBERS


@dag(schedule=None, params={"step": Param(1, type="integer")})
def etl():
    @task
    def extract() -> list[int]:
        return NUMBERS

    @task
    def load(values: list[int]) -> int:
        return total(values)

    load(extract())


etl()
""",
    "dags/helpers/__init__.py": "",
    "dags/helpers/sums.py": "def total(values):\n    return sum(values)\n",
    "include/numbers.py": "NUMBERS = [1, 2, 3]\n",
    "dags/web.py": """\
import contextlib
import os

import requests
from airflow.sdk import DAG, task

with contextlib.suppress(Exception):
    requests.get("https://rates.test/today", timeout=3)

with DAG("web", schedule=None):

    @task
    def remove() -> None:
        os.remove("/somewhere/important")

    remove()
""",
    "requirements.txt": "apache-airflow==3.3.2\n",
    "README.md": "mine\n",
}


@pytest.fixture
def foreign(tmp_path):
    """Return a small repository of somebody else, committed."""
    folder = tmp_path / "foreign"
    for name, text in FILES.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    identity = ["-c", "user.name=a", "-c", "user.email=a@b"]
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], [*identity, "commit", "-qm", "a"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder


@pytest.fixture
def dagproof(tmp_path, foreign):
    """Run a command there, as a user does."""

    def dagproof(*arguments, code=0):
        kept = {name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW")}
        done = subprocess.run(
            [sys.executable, "-P", "-m", "dagproof", *arguments],
            cwd=foreign,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            env={**kept, "HOME": str(tmp_path / "home")},
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    return dagproof


def state(folder):
    """Return the files of a work tree, without git's own."""
    files = (path for path in folder.rglob("*") if path.is_file())
    below = {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
    return {name: data for name, data in below.items() if not name.startswith(".git/")}


def test_first_verdict_is_clean_and_what_was_there_is_untouched(foreign, dagproof, tmp_path):
    before = state(foreign)

    said = dagproof("init")

    after = state(foreign)
    assert {name: after[name] for name in before} == before
    assert after.keys() - before.keys() == {
        "pyproject.toml", ".pre-commit-config.yaml", ".github/workflows/dagproof.yml",
        ".gitignore", "dagproof-baseline.json",
    }  # fmt: skip
    codes = {entry["code"] for entry in json.loads(after["dagproof-baseline.json"])["findings"]}
    assert {"DP102", "DP202"} <= codes
    assert "runs       etl\n" in said
    assert "not run    web: names `https://rates.test/today`\n" in said
    for command in ("lint", "audit", "contracts"):
        dagproof(command)
    assert not (tmp_path / "home" / "airflow").exists()


def test_new_finding_is_not_held_back(foreign, dagproof):
    dagproof("init")
    (foreign / "dags" / "new.py").write_text(
        "import os\nfrom airflow.sdk import DAG\nos.makedirs('/x')\nDAG('new')\n"
    )

    assert "dags/new.py" in dagproof("lint", code=1)


def test_dag_that_was_chosen_runs(dagproof):
    dagproof("init", "--no-baseline")

    report = json.loads(dagproof("run", "--format", "json"))

    assert [(run["dag_id"], run["state"]) for run in report["runs"]] == [("etl", "success")]


def test_second_time_changes_nothing(foreign, dagproof):
    dagproof("init")
    before = state(foreign)

    assert dagproof("init").endswith("Nothing to do.\n")
    assert state(foreign) == before


def _tool(name):
    found = shutil.which(name, path=f"{BIN}{os.pathsep}{os.environ['PATH']}")
    if found is None:
        pytest.skip(f"needs {name}, of the group `lint`")
    return found


@pytest.mark.parametrize("deployed", ["apache-airflow==3.3.2\n", "apache-airflow==2.10.5\n"])
@pytest.mark.parametrize(
    "tool",
    [
        ["jactionlint"],
        ["zizmor", "--offline", "--no-progress"],
        ["check-jsonschema", "--builtin-schema", "vendor.github-workflows"],
    ],
    ids=lambda tool: tool[0],
)
def test_workflow_is_clean_for_the_tools_that_judge_workflows(foreign, dagproof, tool, deployed):
    (foreign / "requirements.txt").write_text(deployed)
    dagproof("init", "--no-baseline")
    name, *options = tool

    done = subprocess.run(
        [_tool(name), *options, ".github/workflows/dagproof.yml"],
        cwd=foreign,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr


def test_hook_is_one_that_pre_commit_takes(foreign, dagproof):
    dagproof("init", "--no-baseline")

    done = subprocess.run(
        [_tool("pre-commit"), "validate-config", ".pre-commit-config.yaml"],
        cwd=foreign,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout + done.stderr
