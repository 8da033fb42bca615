"""What tasks push to XCom in runs is written down, and judged by the rules."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from dagproof.config import Settings
from dagproof.judging_runs.composition import with_findings
from dagproof.model import Report
from dagproof.reporters import json as json_report

REPOSITORY = Path(__file__).parents[2] / "fixtures" / "repos" / "xcoms"
DAGS = REPOSITORY / "dags"


@pytest.fixture(scope="module")
def settings():
    return Settings(REPOSITORY, (DAGS,))


@pytest.fixture
def outcome(run_dag):
    return run_dag(DAGS / "pushed_xcoms.py")


def pushed(outcome, task_id, key="return_value"):
    [record] = [one for one in outcome.task(task_id).pushed if one.key == key]
    return record


def offences(record):
    return [one.offence for one in record.troubles]


def test_each_push_is_written_down_and_judged(outcome, settings):
    assert {one.task_id for one in outcome.failures} == {"unpushable", "non_finite"}

    lossy = pushed(outcome, "lossy")
    assert (lossy.type, lossy.stored, lossy.readable) == ("dict", 71, True)
    assert offences(lossy) == ["lossy-xcom"]
    assert lossy.loss == (
        "`lossy` pushed `return_value`, and `{'7': (1,)}` comes back for `{7: Pair(left=1)}`"
    )
    assert lossy.diff.splitlines() == [
        "- value: the key 7",
        "+ value: the key '7'",
        '- value["7"]: Pair(left=1) (Pair)',
        '+ value["7"]: (1,) (tuple)',
    ]

    oversized = pushed(outcome, "oversized")
    assert (oversized.stored, offences(oversized)) == (1024 * 1024 + 2, ["oversized-xcom"])
    unread = pushed(outcome, "pull_only")
    assert (unread.readable, offences(unread)) == (False, ["pull-only-failure"])
    assert unread.type.endswith(".Split")
    unpushed = pushed(outcome, "unpushable")
    assert (unpushed.stored, offences(unpushed)) == (None, ["unpushable-xcom"])
    [trouble] = pushed(outcome, "non_finite").troubles
    assert trouble.offence == "non-finite-xcom-value"
    assert trouble.message.endswith('JSON has no form for `nan` in `value["auc"]`')

    secret = pushed(outcome, "secret")
    assert offences(secret) == ["secret-in-xcom", "lossy-xcom"]
    assert "k7Gq" not in repr(secret)

    [changed] = pushed(outcome, "mutated", "found").troubles
    assert changed.offence == "mutated-xcom"
    assert changed.detail == "- value: 1 items\n+ value: 0 items"
    assert pushed(outcome, "mutated", "kept").troubles == ()

    report = with_findings(settings, Report(runs=(outcome,)))
    judged = [one for one in report.findings if one.code != "DP401"]
    assert len(judged) == len(report.findings) - 2  # two tasks have failed
    assert [(one.code, one.severity.value) for one in judged] == [
        ("DP304", "warning"),
        ("DP305", "warning"),
        ("DP306", "error"),
        ("DP313", "error"),
        ("DP314", "error"),
        ("DP304", "warning"),
        ("DP315", "error"),
        ("DP316", "warning"),
        ("DP304", "warning"),
    ]
    lines = (DAGS / "pushed_xcoms.py").read_text().splitlines()
    for finding in judged:
        task_id = finding.message.split("`")[1]
        assert lines[finding.span.line] == f"    def {task_id}({'number' * (task_id == 'one')}" + (
            "):" if task_id != "mutated" else "ti=None):"
        )
    mapped = judged[-1].message
    assert mapped.endswith("comes back for `{1: 1}` (so did 2 other instances of it)")
    assert not report.clean
    text = json_report.render(report)
    assert "k7Gq" not in json.dumps(json.loads(text)["findings"])
    [task] = [one for one in json.loads(text)["runs"][0]["tasks"] if one["task_id"] == "oversized"]
    assert task["pushed"][0]["stored"] == 1024 * 1024 + 2


def test_right_values_are_silent(run_dag, settings):
    outcome = run_dag(DAGS / "right_xcoms.py")

    assert outcome.state == "success"
    assert [one for task in outcome.tasks for one in task.pushed if one.troubles] == []
    records = {(task.task_id, one.key) for task in outcome.tasks for one in task.pushed}
    assert records == {
        ("odd", "return_value"),
        ("several", "rows"),
        ("several", "uri"),
        ("several", "return_value"),
        ("reads", "kept"),
        ("reads", "return_value"),
    }
    report = Report(runs=(outcome,))
    assert with_findings(settings, report) is report


def test_settings_weigh_and_ignore_findings_of_runs(outcome, settings):
    quiet = replace(
        settings,
        ignore=("DP305", "DP306", "DP313", "DP314", "DP315", "DP316", "DP401"),
        severity={"lossy-xcom": "note"},
    )
    report = with_findings(quiet, Report(runs=(outcome,)))
    assert {(one.code, one.severity.value) for one in report.findings} == {("DP304", "note")}


def test_values_that_are_stubs_are_not_judged(run_dag, settings):
    outcome = run_dag(DAGS / "pushed_xcoms.py", stubs={"secret": {"password": "k7Gq-2vXw"}})
    report = with_findings(settings, Report(runs=(outcome,)))
    assert "DP315" not in {one.code for one in report.findings}


def test_bigger_budget_lets_bigger_values_pass(outcome):
    from dagproof.airflow_compat.xcom_pushes import Push
    from dagproof.airflow_compat.xcoms import round_trip
    from dagproof.contracts.records import recorder

    value = "x" * 100
    push = Push("t", "k", value, round_trip(value))
    assert recorder(102)(push).troubles == ()
    assert [one.offence for one in recorder(101)(push).troubles] == ["oversized-xcom"]


def test_loss_alone_fails_the_command_and_is_shown_with_its_diff(tmp_path):
    own = ("AIRFLOW", "AWS_", "MLFLOW_", "DATA_ROOT", "DAGPROOF_", "PYTEST_")
    environment = {name: text for name, text in os.environ.items() if not name.startswith(own)}
    done = subprocess.run(
        [sys.executable, "-m", "dagproof", "run", "lossy_xcom"],
        capture_output=True,
        text=True,
        cwd=REPOSITORY,
        env={**environment, "TMPDIR": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert "return_value: lossy-xcom" in done.stdout
    assert "lossy_xcom: success" in done.stdout
    found = done.stdout[done.stdout.index("dags/lossy_xcom.py:") :]
    assert found.splitlines()[0] == "dags/lossy_xcom.py:8:1 DP304 lossy-xcom  warning"
    assert "    - value: the key 7\n    + value: the key '7'\n" in found
    assert found.rstrip().endswith("1 warning in 1 file")
