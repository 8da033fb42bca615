"""The JSON document: the keys that design section 4 promises, and nothing that is no JSON."""

import json
import math

import numpy as np
import pytest
from fixtures.reports import full

from dagproof.model import (
    ChangedFile,
    Comparison,
    DagOutcome,
    FaultRecord,
    Finding,
    Kind,
    Leak,
    RegisteredVersion,
    Related,
    Repetition,
    Report,
    Severity,
    Span,
    StateDifference,
    TaskError,
    TaskOutcome,
    TrackedRun,
    Tracking,
    TriggeredRun,
    Unread,
    XComRecord,
    XComTrouble,
)
from dagproof.reporters.json import render


def strict(text):
    """Read JSON as its standard says: Python alone knows NaN."""

    def refuse(name):
        raise AssertionError(name)

    return json.loads(text, parse_constant=refuse)


def report_with(xcoms):
    task = TaskOutcome("fit", -1, "success", 1, 0.1, xcoms=xcoms)
    return Report(runs=(DagOutcome("d", "r", "success", (task,), 1.0),))


def xcom(value):
    return strict(render(report_with({"return_value": value})))["runs"][0]["tasks"][0]["xcoms"][
        "return_value"
    ]


def test_empty_report_has_the_promised_keys():
    assert strict(render(Report())) == {
        "version": 1,
        "findings": [],
        "files": 0,
        "errors": [],
        "imports": [],
        "contracts": [],
        "runs": [],
        "repetitions": [],
        "tracking": {"runs": [], "versions": []},
        "seconds": 0.0,
        "stages": [],
        "comparison": None,
        "impact": None,
        "diffs": [],
        "notes": [],
        "exit_code": 0,
    }


def test_document_ends_with_a_newline():
    assert render(Report()).endswith("}\n")


def test_everything_in_a_run_is_told():
    task = TaskOutcome(
        "fit",
        2,
        "failed",
        3,
        0.12345,
        {"rows": 7},
        TaskError("ValueError", "no", "Traceback"),
        (Leak("cwd", "/x", "it moved"),),
        stubbed=True,
        reason="nothing to do",
    )
    report = Report(runs=(DagOutcome("d", "r", "failed", (task,), 1.23456),), seconds=2.34567)

    document = strict(render(report))

    assert document["seconds"] == 2.346
    assert document["runs"] == [
        {
            "dag_id": "d",
            "run_id": "r",
            "label": "",
            "state": "failed",
            "seconds": 1.235,
            "error": None,
            "tasks": [
                {
                    "task_id": "fit",
                    "map_index": 2,
                    "state": "failed",
                    "tries": 3,
                    "started": 0.0,
                    "seconds": 0.123,
                    "stubbed": True,
                    "reason": "nothing to do",
                    "xcoms": {"rows": 7},
                    "pushed": [],
                    "mlflow_runs": [],
                    "open_mlflow_runs": [],
                    "error": {"type": "ValueError", "message": "no", "traceback": "Traceback"},
                    "leaks": [{"kind": "cwd", "name": "/x", "detail": "it moved"}],
                }
            ],
            "faults": [],
            "triggered": [],
        }
    ]


def test_ids_of_the_mlflow_runs_of_a_task_are_told():
    task = TaskOutcome(
        "fit", -1, "success", 1, 0.1, mlflow_runs=("a", "b"), open_mlflow_runs=("b",)
    )
    report = Report(runs=(DagOutcome("d", "r", "success", (task,), 0.1),))

    [told] = strict(render(report))["runs"][0]["tasks"]

    assert (told["mlflow_runs"], told["open_mlflow_runs"]) == (["a", "b"], ["b"])


def test_task_without_error_has_null():
    assert strict(render(report_with({})))["runs"][0]["tasks"][0]["error"] is None


def test_dag_that_ran_twice_is_one_file():
    once = DagOutcome("d", "r", "success", (), 1.0)
    other = DagOutcome("e", "r", "success", (), 1.0)

    assert strict(render(Report(runs=(once, other, once))))["files"] == 2


def test_files_that_were_looked_at_count_before_dags():
    once = DagOutcome("d", "r", "success", (), 1.0)

    assert strict(render(Report(runs=(once,), files=12)))["files"] == 12


def test_everything_in_a_finding_is_told():
    finding = Finding(
        "DP101",
        "mlflow-call-at-import",
        Severity.ERROR,
        Kind.MLFLOW,
        "it runs",
        "Move it.",
        Span("dags/x.py", 3, 1, 4, 40),
        "mlflow.start_run()",
        (Related(Span("plugins/y.py", 9, 2, 9, 5), "called here"),),
        also=("DP201", "DP401"),
        detail="one\n\x1btwo\n",
    )

    assert strict(render(Report(findings=(finding,))))["findings"] == [
        {
            "code": "DP101",
            "slug": "mlflow-call-at-import",
            "severity": "error",
            "kind": "mlflow",
            "message": "it runs",
            "fix": "Move it.",
            "path": "dags/x.py",
            "line": 3,
            "column": 1,
            "end_line": 4,
            "end_column": 40,
            "related": [{"path": "plugins/y.py", "line": 9, "column": 2, "message": "called here"}],
            "also": ["DP201", "DP401"],
            "detail": "one\n\x1btwo\n",
            "new": None,
        }
    ]


def test_finding_known_once_without_detail_has_both_keys():
    place = Span("x.py", 1, 1, 1, 2)
    finding = Finding("DP101", "s", Severity.ERROR, Kind.MLFLOW, "m", "f", place)

    [told] = strict(render(Report(findings=(finding,))))["findings"]

    assert (told["also"], told["detail"]) == ([], "")


def test_files_that_could_not_be_read_are_told():
    document = strict(render(Report(errors=(Unread("dags/\udcff.py", "it is not UTF-8"),))))

    assert document["errors"] == [{"path": "dags/\udcff.py", "message": "it is not UTF-8"}]


def test_everything_that_mlflow_holds_is_told():
    tracking = Tracking(
        (TrackedRun("1", "linear", "taxi", "FINISHED", {"rmse": math.nan}, {"dag_id": "d"}),),
        (RegisteredVersion("taxi", "1", ("champion",), "1"),),
    )

    assert strict(render(Report(tracking=tracking)))["tracking"] == {
        "runs": [
            {
                "run_id": "1",
                "name": "linear",
                "experiment": "taxi",
                "status": "FINISHED",
                "metrics": {"rmse": "nan"},
                "tags": {"dag_id": "d"},
            }
        ],
        "versions": [{"name": "taxi", "version": "1", "aliases": ["champion"], "run_id": "1"}],
    }


@pytest.mark.parametrize("value", [None, True, 3, 2.5, "text", [1, [2]], {"a": {"b": [None]}}])
def test_json_values_stay_as_they_are(value):
    assert xcom(value) == value
    assert type(xcom(value)) is type(value)


@pytest.mark.parametrize(
    ("value", "shown"),
    [(math.nan, "nan"), (math.inf, "inf"), (-math.inf, "-inf"), ([math.nan], ["nan"])],
)
def test_numbers_that_json_does_not_know_become_text(value, shown):
    assert xcom(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ({1: "a", None: "b"}, {"1": "a", "None": "b"}),
        ((1, 2), [1, 2]),
        ({"deep": {"er": (1, b"x")}}, {"deep": {"er": [1, "b'x'"]}}),
        (b"bytes", "b'bytes'"),
        ({"a"}, "{'a'}"),
        (np.array([1, 2]), "array([1, 2])"),
        (np.float64(0.5), 0.5),
    ],
)
def test_values_that_are_no_json_are_shown(value, shown):
    assert xcom(value) == shown


def test_document_is_ascii_and_keeps_every_character():
    text = render(report_with({"return_value": "Zürich → \udc80"}))

    assert text.isascii()
    assert strict(text)["runs"][0]["tasks"][0]["xcoms"]["return_value"] == "Zürich → \udc80"


def test_pushed_values_are_told_without_the_values():
    trouble = XComTrouble("lossy-xcom", "`a` comes back for `b`", "- a\n+ b")
    record = XComRecord("k", "dict", 71, None, loss="l", diff="d", troubles=(trouble,), path="/x")
    task = TaskOutcome("fit", -1, "success", 1, 0.1, pushed=(record,))
    report = Report(runs=(DagOutcome("d", "r", "success", (task,), 0.1),))
    assert strict(render(report))["runs"][0]["tasks"][0]["pushed"] == [
        {
            "key": "k",
            "type": "dict",
            "stored": 71,
            "elsewhere": None,
            "readable": True,
            "loss": "l",
            "diff": "d",
            "troubles": [
                {"slug": "lossy-xcom", "message": "`a` comes back for `b`", "detail": "- a\n+ b"}
            ],
        }
    ]


def test_a_repetition_is_told_with_its_runs_and_differences():
    first = DagOutcome("d", "r", "success", (), 1.0, label="first run")
    difference = StateDifference(
        "mlflow-run", "e/fit", "m", "metric `rmse`", more=True, retried=True, tasks=("fit",)
    )
    one = Repetition("d", (first,), (difference,), ("a note",), 1.23456, 0.5)
    assert strict(render(Report(repetitions=(one,))))["repetitions"] == [
        {
            "dag_id": "d",
            "repeatable": False,
            "runs": [{"label": "first run", "state": "success"}],
            "differences": [
                {
                    "kind": "mlflow-run",
                    "name": "e/fit",
                    "field": "metric `rmse`",
                    "message": "m",
                    "retried": True,
                    "tasks": ["fit"],
                }
            ],
            "notes": ["a note"],
            "seconds": 1.235,
            "seconds_looking": 0.5,
        }
    ]


def test_runs_that_were_triggered_are_in_their_run():
    began = (TriggeredRun("training", "drift__v1", {"month": 1}),)
    report = Report(runs=(DagOutcome("d", "r", "success", (), 1.0, triggered=began),))

    assert strict(render(report))["runs"][0]["triggered"] == [
        {"dag_id": "training", "run_id": "drift__v1", "conf": {"month": 1}}
    ]


def test_faults_are_in_their_run():
    records = (FaultRecord("s3:down@fit", 1.23456, None, 2, "connection"), FaultRecord("s3:500@x"))
    report = Report(runs=(DagOutcome("d", "r", "success", (), 1.0, faults=records),))

    assert strict(render(report))["runs"][0]["faults"] == [
        {
            "fault": "s3:down@fit",
            "began": 1.235,
            "ended": None,
            "hits": 2,
            "unit": "connection",
        },
        {"fault": "s3:500@x", "began": None, "ended": None, "hits": 0, "unit": "request"},
    ]


def test_gate_is_told_with_all_that_it_looked_at():
    document = strict(render(full()))

    assert document["exit_code"] == 3
    assert document["notes"] == ["The baseline held back 3 findings."]
    assert [one["new"] for one in document["findings"]] == [False, True, True, None]
    assert document["stages"][3] == {
        "name": "run",
        "state": "unable",
        "note": "no Postgres was found",
        "seconds": 1.0,
        "exit_code": 3,
    }
    assert document["comparison"] == {
        "commit": "0123456789abcdef0123456789abcdef01234567",
        "asked": "origin/main",
        "how": "the base",
        "unknown": "",
        "files": [
            {"path": "/work/dags/taxi/dag.py", "fate": "renamed", "before": "/work/old.py"},
        ],
    }
    assert document["impact"]["affected"][0]["path"] == "dags/taxi/dag.py"
    assert [one["fate"] for one in document["diffs"]] == ["changed", "added", "removed"]


def test_file_that_was_not_renamed_has_no_other_path():
    comparison = Comparison("abc", files=(ChangedFile("/work/x.py"),))

    [told] = strict(render(Report(comparison=comparison)))["comparison"]["files"]

    assert told == {"path": "/work/x.py", "fate": "modified", "before": None}


def test_start_of_a_task_is_told():
    [first, *_] = strict(render(full()))["runs"]

    assert [task["started"] for task in first["tasks"]][:3] == [0.0, 0.5, 2.0]
