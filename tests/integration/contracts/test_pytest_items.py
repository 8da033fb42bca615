"""`pytest --dagproof` tries what DAGs promise, and Hypothesis' options and our profiles hold."""

import os
import re
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

CLEAN = """from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, Param

from steps import load

with DAG("clean", schedule=None, params={"month": Param(1, type="integer")}):
    PythonOperator(task_id="load", python_callable=load, op_kwargs={"month": "{{ params.month }}"})
"""
STEPS = """def load(month: str) -> list[int]:
    return [int(month)]


def load_month(month: int) -> str:
    return f"{month:02d}"
"""
BAD = """from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, Param, task

from steps import load_month

with DAG(
    "bad",
    schedule=None,
    params={"month": Param("x", type="integer"), "day": Param(None, type=["null", "integer"])},
):
    PythonOperator(
        task_id="load",
        python_callable=load_month,
        op_kwargs={"month": "{{ params.day or 1 }}"},
    )

    @task(multiple_outputs=False)
    def rows() -> dict[int, str]:
        return {1: "a"}

    @task
    def opaque() -> "Rows":
        return 1

    rows()
    opaque()
"""
BROKEN = "from airflow.sdk import DAG\n\nimport nowhere\n"
WATCHING = '''"""Writes down each command that runs, and what contracts are asked."""

import dagproof.audit
import dagproof.lint
import dagproof.proving


def told(name, real):
    def command(settings, request):
        asked = f" {request.examples} {request.seed}" if name == "prove" else ""
        with open("commands.txt", "a") as file:
            file.write(f"{name}{asked}\\n")
        return real(settings, request)

    return command


dagproof.audit.audit = told("audit", dagproof.audit.audit)
dagproof.lint.lint = told("lint", dagproof.lint.lint)
dagproof.proving.prove = told("prove", dagproof.proving.prove)
'''
WITHOUT_HYPOTHESIS = "import sys\n\nsys.modules['hypothesis'] = None\n"


def shell():
    """Return the environment without that of the services that other tests have started here."""
    return {name: text for name, text in os.environ.items() if not name.startswith("AIRFLOW")}


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    (root / "dags").mkdir()
    for name, text in {
        "pyproject.toml": "[tool.dagproof]\n",
        "dags/bad.py": BAD,
        "dags/broken.py": BROKEN,
        "dags/clean.py": CLEAN,
        "dags/steps.py": STEPS,
        "watching.py": WATCHING,
        "without_hypothesis.py": WITHOUT_HYPOTHESIS,
    }.items():
        (root / name).write_text(text, encoding="utf-8")
    return root


@pytest.fixture
def tested(repository, tmp_path):
    """Run pytest in the repository; return kind and text of each outcome by its short name."""

    def tested(*options):
        report = tmp_path / "report.xml"
        (repository / "commands.txt").write_text("", encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "--dagproof", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, "-p", "watching", f"--junitxml={report}", *options],
            cwd=repository, env=shell(), capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        return {
            f"{case.get('classname').rpartition('.')[2]}.{case.get('name')}": _outcome(case)
            for case in ET.parse(report).iter("testcase")  # noqa: S314 - pytest wrote it
        }

    return tested


def _outcome(case):
    outcome = case.find("failure")
    outcome = case.find("skipped") if outcome is None else outcome
    return ("passed", "") if outcome is None else (outcome.tag, outcome.text)


def ran(repository):
    return (repository / "commands.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_findings_are_the_failures_of_the_items_they_belong_to(tested, repository, workers):
    outcomes = tested("-m", "dagproof", *workers)

    assert len(outcomes) == 3 * 8 + 2
    promises = ("params", "templates", "xcom")
    assert [outcomes[f"clean.{one}"][0] for one in promises] == ["passed"] * 3
    assert [outcomes[f"bad.{one}"][0] for one in promises] == ["failure"] * 3
    assert " DP301 rejected-default  error\n" in outcomes["bad.params"][1]
    assert " DP303+DP130 uncast-template-value  error\n" in outcomes["bad.templates"][1]
    assert re.search(
        r"\$ dagproof contracts dags/bad\.py --dag bad --task load --conf '\{\"month\": 0\}'\n",
        outcomes["bad.templates"][1],
    )
    assert outcomes["bad.xcom"][1].startswith("dags/bad.py:17:")
    assert " DP304 lossy-xcom  warning\n" in outcomes["bad.xcom"][1]
    assert "- value: the key 0\n" in outcomes["bad.xcom"][1]
    assert "DP390" not in "".join(text for _, text in outcomes.values())
    assert "Traceback" not in "".join(outcomes[f"bad.{one}"][1] for one in promises)
    assert sorted(ran(repository)) == ["audit", "lint", "prove 25 0"]


def test_file_that_does_not_import_is_told_of_once(tested):
    outcomes = tested("dags/broken.py")

    assert "No module named 'nowhere'" in outcomes["broken.import"][1]
    for one in ("params", "templates", "xcom"):
        assert outcomes[f"broken.{one}"][0] == "skipped"
        assert outcomes[f"broken.{one}"][1].endswith("dags/broken.py::import says why")
    assert sum("nowhere" in text for _, text in outcomes.values()) == 1


def test_chosen_items_run_alone_and_only_what_they_need(tested, repository):
    assert tested("-k", "clean and params") == {"clean.params": ("passed", "")}
    assert ran(repository) == ["prove 25 0"]

    outcomes = tested("dags/broken.py::xcom")
    why = "it does not import: ModuleNotFoundError: No module named 'nowhere'"
    assert outcomes == {"broken.xcom": ("failure", f"dags/broken.py could not be tried: {why}")}


def test_workers_take_seed_and_profile_from_the_command_line(tested, repository):
    tested(
        "-n", "2", "-k", "clean and (params or xcom)",
        "--hypothesis-profile=dagproof-ci", "--hypothesis-seed=7",
    )  # fmt: skip

    assert ran(repository) == ["prove 100 7"]


def test_without_hypothesis_promises_are_skipped(tested, repository):
    outcomes = tested("-p", "no:hypothesispytest", "-p", "without_hypothesis", "dags/clean.py")

    install = "Hypothesis is not installed. Install it by `pip install 'dagproof[contracts]'`."
    for one in ("params", "templates", "xcom"):
        assert outcomes[f"clean.{one}"][0] == "skipped"
        assert outcomes[f"clean.{one}"][1].endswith(install)
    assert outcomes["clean.import"] == ("passed", "")
    assert "prove" not in "".join(ran(repository))


# Profiles, for tests of the repository's own

PROPERTIES = """from hypothesis import given
from hypothesis import strategies as st


@given(st.integers())
def test_of_numbers(number):
    with open("drawn.txt", "a") as file:
        file.write(f"{number}\\n")
    assert number < LIMIT
"""


@pytest.fixture
def drawn(tmp_path):
    """Run a property that holds below a limit; return what was drawn, and the outcome."""
    kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH") if name in os.environ}

    def drawn(*options, ci=False, limit="float('inf')"):
        (tmp_path / "drawn.txt").write_text("", encoding="utf-8")
        text = PROPERTIES.replace("LIMIT", limit)
        (tmp_path / "test_numbers.py").write_text(text, encoding="utf-8")
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", *options],
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=120,
            env={**kept, **({"CI": "true"} if ci else {})},
        )  # fmt: skip
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        numbers = (tmp_path / "drawn.txt").read_text(encoding="utf-8").split()
        return [*map(int, numbers)], done.stdout

    return drawn


@pytest.mark.parametrize("ci", [False, True])
def test_profile_for_ci_draws_the_same_each_time_and_a_seed_something_else(drawn, ci):
    profile = "--hypothesis-profile=dagproof-ci"
    first, _ = drawn(profile, ci=ci)

    assert len(first) == 200
    assert drawn(profile, ci=ci)[0] == first
    seeded = drawn(profile, "--hypothesis-seed=7", ci=ci)[0]
    assert seeded != first
    assert seeded == drawn(profile, "--hypothesis-seed=7", ci=ci)[0]
    assert seeded != drawn(profile, "--hypothesis-seed=8", ci=ci)[0]


@pytest.mark.parametrize("ci", [False, True])
def test_profile_for_ci_brings_failures_back_first(drawn, tmp_path, ci):
    drawn("--hypothesis-profile=dagproof-ci", ci=ci, limit="1000")

    assert list((tmp_path / ".hypothesis" / "examples").rglob("*"))
    again, said = drawn("--hypothesis-profile=dagproof-ci", ci=ci, limit="1000")
    assert again[0] == 1000
    assert "1 failed" in said


def test_profile_for_daily_use_draws_by_chance(drawn):
    profile = "--hypothesis-profile=dagproof"
    first, _ = drawn(profile)

    assert len(first) == 50
    assert drawn(profile)[0] != first
    assert drawn(profile, "--hypothesis-seed=7", ci=True)[0] != drawn(profile, ci=True)[0]


def test_examples_of_the_manual_pass(tmp_path):
    manual = (ROOT / "docs" / "pytest.md").read_text(encoding="utf-8")
    [example] = re.findall(r"^```python\n(.*?)^```", manual, re.DOTALL | re.MULTILINE)
    (tmp_path / "test_manual.py").write_text(example, encoding="utf-8")

    done = subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--rootdir={ROOT}",
            "-c", "pyproject.toml", "--hypothesis-profile=dagproof", str(tmp_path),
        ],
        cwd=ROOT, env=shell(), capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip

    assert "3 passed" in done.stdout, done.stdout + done.stderr
