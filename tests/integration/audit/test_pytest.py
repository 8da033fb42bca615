"""`pytest --dagproof` tests a repository that has no test, with the real audit."""

import subprocess
import sys
import xml.etree.ElementTree as ET

import pytest

CLEAN = """from airflow.sdk import DAG

with DAG("clean", schedule=None):
    pass
"""
BAD = """import os
from datetime import datetime

from airflow.sdk import DAG

os.environ["LEFT_BEHIND"] = "1"

with DAG("bad", schedule=None, start_date=datetime.now()):
    pass
"""
WITHOUT_AIRFLOW = '''"""Makes an interpreter that has no Airflow."""

import importlib.metadata
import sys

real = importlib.metadata.distribution


def distribution(name):
    if name.startswith("apache-airflow"):
        raise importlib.metadata.PackageNotFoundError(name)
    return real(name)


importlib.metadata.distribution = distribution
sys.modules["airflow"] = None
'''
COUNTING = '''"""Writes down each audit."""

import dagproof.audit

real = dagproof.audit.audit


def audit(*arguments):
    with open("audits.txt", "a") as file:
        file.write("once\\n")
    return real(*arguments)


dagproof.audit.audit = audit
'''
AUDITED = {f"bad.{question}" for question in ("lint", "effects", "stability")}


@pytest.fixture(scope="module")
def repository(tmp_path_factory):
    root = tmp_path_factory.mktemp("repository")
    (root / "pyproject.toml").write_text("[tool.dagproof]\n", encoding="utf-8")
    (root / "dags").mkdir()
    (root / "dags" / "clean.py").write_text(CLEAN, encoding="utf-8")
    (root / "dags" / "bad.py").write_text(BAD, encoding="utf-8")
    (root / "without_airflow.py").write_text(WITHOUT_AIRFLOW, encoding="utf-8")
    (root / "counting.py").write_text(COUNTING, encoding="utf-8")
    return root


@pytest.fixture
def tested(repository, tmp_path):
    """Run pytest in the repository; return the failure text of each item, by its short name."""

    def tested(*options):
        report = tmp_path / "report.xml"
        command = [sys.executable, "-m", "pytest", "--dagproof", "-p", "no:cacheprovider"]
        done = subprocess.run(
            [*command, f"--junitxml={report}", *options],
            cwd=repository, capture_output=True, text=True, check=False, timeout=300,
        )  # fmt: skip
        assert done.returncode in {0, 1}, done.stdout + done.stderr
        return {
            f"{case.get('classname').rpartition('.')[2]}.{case.get('name')}": case.findtext(
                "failure", ""
            )
            for case in ET.parse(report).iter("testcase")  # noqa: S314 - pytest wrote it
        }

    return tested


@pytest.mark.parametrize("workers", [(), ("-n", "2")])
def test_findings_are_the_failures_of_the_file_that_has_them(tested, workers):
    texts = tested(*workers)

    assert len(texts) == 18
    assert {name for name, text in texts.items() if text} == AUDITED
    assert "DP108+DP208 environment-write-at-import  warning\n" in texts["bad.effects"]
    assert "dags/bad.py:8:6 DP224 unstable-dag  error\n" in texts["bad.stability"]
    assert "Traceback" not in "".join(texts.values())


def test_workers_share_one_audit(tested, repository):
    tested("-p", "counting", "-n", "2")

    assert (repository / "audits.txt").read_text(encoding="utf-8") == "once\n"


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (["dags/clean.py::import"], {"clean.import"}),
        (["-k", "clean and (serialization or stability)"],
         {"clean.serialization", "clean.stability"}),
    ],
)  # fmt: skip
def test_items_run_alone(tested, options, names):
    assert tested(*options) == dict.fromkeys(names, "")


def test_without_airflow_only_lint_has_something_to_say(tested):
    texts = tested("-p", "without_airflow", "dags")

    assert texts["clean.lint"] == ""
    assert texts["bad.lint"].startswith("dags/bad.py:6:1 DP108")
    refusals = {text for name, text in texts.items() if not name.endswith(".lint")}
    assert len(refusals) == 1
    assert refusals.pop().startswith("Airflow is not installed. Install the Airflow that you")
