"""What runs show of XCom becomes findings, at the tasks that pushed."""

import subprocess
import sys
from pathlib import Path

import pytest

from dagproof.config import Settings
from dagproof.judging_runs.composition import contract_trace, with_findings
from dagproof.model import DagOutcome, Report, TaskOutcome, XComRecord, XComTrouble

TEXT = """from airflow.sdk import DAG
# a comment
say = BashOperator(task_id="say", bash_command="date")
def load(): ...
"""


@pytest.fixture
def dag_file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "load.py"
    file.write_text(TEXT)
    return file


def record(*offences, key="k", path="", line=1, message="m"):
    troubles = tuple(XComTrouble(one, f"{message} {one}", "detail") for one in offences)
    return XComRecord(key, "dict", 1, troubles=troubles, path=path, line=line)


def outcome(file, *tasks):
    return DagOutcome("d", "r", "success", tasks, 1.0, path=str(file))


def task(task_id, *records, map_index=-1, stubbed=False):
    return TaskOutcome(task_id, map_index, "success", 1, 0.1, pushed=records, stubbed=stubbed)


def judged(file, *outcomes, **settings):
    given = Settings(file.parent, (file.parent,), **settings)
    return with_findings(given, Report(runs=outcomes))


def test_report_without_troubles_stays_as_it_is(dag_file):
    report = Report(runs=(outcome(dag_file, task("load", record())),))
    assert with_findings(Settings(Path(), ()), report) is report


def test_finding_stands_at_the_callable_else_at_the_id_else_at_the_file(dag_file):
    run = outcome(
        dag_file,
        task("load", record("lossy-xcom", path=str(dag_file), line=4)),
        task("say", record("oversized-xcom")),
        task("made_in_a_loop_3", record("secret-in-xcom")),
    )
    report = judged(dag_file, run)
    assert [(one.code, one.span.path, one.span.line) for one in report.findings] == [
        ("DP315", "load.py", 1),
        ("DP305", "load.py", 3),
        ("DP304", "load.py", 4),
    ]
    assert report.findings[1].excerpt == 'say = BashOperator(task_id="say", bash_command="date")'
    assert report.findings[2].detail == "detail"
    assert report.files == 1
    assert not report.clean


def test_mapped_instances_with_one_offence_are_one_finding(dag_file):
    tasks = [task("load", record("lossy-xcom", message=f"{n}"), map_index=n) for n in (2, 0, 1)]
    [finding] = judged(dag_file, outcome(dag_file, *tasks)).findings
    assert finding.message == "0 lossy-xcom (so did 2 other instances of it)"
    [one] = contract_trace(outcome(dag_file, *tasks[:2])).counterexamples
    assert one.message.endswith("(so did 1 other instance of it)")


def test_keys_and_offences_of_a_task_are_findings_each(dag_file):
    records = (
        record("lossy-xcom", "oversized-xcom"),
        record("lossy-xcom", key="other", message="n"),
    )
    trace = contract_trace(outcome(dag_file, task("load", *records)))
    assert [(one.field, one.offence) for one in trace.counterexamples] == [
        ("k", "lossy-xcom"),
        ("k", "oversized-xcom"),
        ("other", "lossy-xcom"),
    ]
    assert trace.values == 2


def test_dag_that_ran_twice_is_told_once(dag_file):
    run = outcome(dag_file, task("load", record("lossy-xcom")))
    assert len(judged(dag_file, run, run).findings) == 1


def test_stubbed_task_is_not_judged(dag_file):
    run = outcome(dag_file, task("load", record("lossy-xcom"), stubbed=True))
    assert judged(dag_file, run).findings == ()


def test_comment_setting_and_ignore_hold(dag_file):
    run = outcome(dag_file, task("load", record("lossy-xcom", path=str(dag_file), line=4)))
    [note] = judged(dag_file, run, severity={"lossy-xcom": "note"}).findings
    assert note.severity == "note"
    assert judged(dag_file, run, ignore=("DP304",)).findings == ()
    dag_file.write_text(TEXT.replace("...", "...  # dagproof: ignore[lossy-xcom] as wanted"))
    assert judged(dag_file, run).findings == ()


def test_run_without_a_file_is_judged_all_the_same(dag_file):
    run = DagOutcome("d", "r", "timeout", (task("load", record("lossy-xcom")),), 1.0)
    assert [one.code for one in judged(dag_file, run).findings] == ["DP304"]


def test_runs_are_judged_without_hypothesis():
    code = (
        "import sys, dagproof.app, dagproof.judging_runs.composition, dagproof.contracts.records;"
        "print({'hypothesis', 'airflow'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
