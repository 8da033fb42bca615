"""What came of a stage: its state, its exit code and one sentence."""

from dataclasses import replace
from pathlib import Path

import pytest

from dagproof.config import ConfiguredRun, Settings
from dagproof.gate import words
from dagproof.gate.judging import how_dags_differ, judged_stage
from dagproof.gate.messages import Told, Unable
from dagproof.gate.selection import Selection
from dagproof.model import (
    Affected,
    ChangedFile,
    Comparison,
    ContractTrace,
    DagDiff,
    DagOutcome,
    Ending,
    Fate,
    Finding,
    Impact,
    ImportTrace,
    Kind,
    Report,
    Severity,
    ShapeChange,
    Span,
    Stage,
    StageState,
)

FINDING = Finding(
    "DP101", "s", Severity.ERROR, Kind.MLFLOW, "It is", "Do.", Span("a.py", 1, 1, 1, 2)
)
BROKEN = ContractTrace("b", failure="it does not import: ValueError: no")


def run(state="success"):
    return DagOutcome("d", "r", state, (), 1.0)


@pytest.mark.parametrize(
    ("name", "report", "left_out", "note"),
    [
        ("lint", Report(files=1), (), "1 file read."),
        (
            "audit",
            Report(files=2, imports=(ImportTrace("a", dag_ids=("x", "y")), ImportTrace("b"))),
            (),
            "2 files imported, 2 DAGs.",
        ),
        (
            "contracts",
            Report(
                contracts=(ContractTrace("a", confs=2, templates=1), ContractTrace("b", values=3))
            ),
            (),
            "2 confs, 1 template, 3 XCom values tried.",
        ),
        (
            "audit",
            Report(files=3, imports=(
                ImportTrace("a", dag_ids=("x",)), ImportTrace("b", Ending.FAILED),
                ImportTrace("c", Ending.CRASHED),
            )),
            (),
            "1 file imported, 1 DAG; 2 do not import: b, c.",
        ),
        (
            "audit",
            Report(files=1, imports=(ImportTrace("b", Ending.FAILED),)),
            (),
            "0 files imported, 0 DAGs; 1 does not import: b.",
        ),
        ("diff", Report(files=3), (), "3 files imported as of the base."),
        ("run", Report(runs=(run(), run())), (), "2 runs succeeded."),
        ("run", Report(runs=(run(),)), ("e", "f"), "1 run succeeded; not affected: e, f."),
    ],
)  # fmt: skip
def test_stage_that_found_nothing_is_clean_and_says_what_it_looked_at(name, report, left_out, note):
    stage, kept = judged_stage(name, Told(report), 1.5, Selection(left_out=left_out))
    assert stage == Stage(name, StageState.CLEAN, note, 1.5, 0)
    assert kept is report


def test_stage_that_found_something_would_fail_by_itself():
    stage, _ = judged_stage("lint", Told(Report(findings=(FINDING,))), 1.0, Selection())
    assert (stage.state, stage.exit_code) == (StageState.FOUND, 1)


@pytest.mark.parametrize(
    ("contracts", "note"),
    [
        ((BROKEN,), "Nothing is tried: 1 DAG file does not import: b."),
        (
            (ContractTrace("a", ("d",), confs=2), BROKEN, replace(BROKEN, path="c")),
            "2 confs, 0 templates, 0 XCom values tried; 2 DAG files do not import: b, c.",
        ),
        (
            (ContractTrace("a", ("d",), failure="its process ended"),),
            "0 confs, 0 templates, 0 XCom values tried.",
        ),
    ],
)
def test_promises_that_cannot_be_tried_are_told_by_their_files(contracts, note):
    stage, _ = judged_stage("contracts", Told(Report(contracts=contracts)), 1.0, Selection())
    assert (stage.state, stage.note) == (StageState.FOUND, note)


def test_failed_run_fails_its_stage_and_is_counted():
    stage, _ = judged_stage("run", Told(Report(runs=(run(), run("failed")))), 1.0, Selection())
    assert (stage.state, stage.note) == (StageState.FOUND, "2 runs, 1 failed.")


@pytest.mark.parametrize("code", [2, 3])
def test_stage_that_could_not_look_says_why(code):
    stage, report = judged_stage("audit", Unable("No Airflow.", code), 1.0, Selection())
    assert stage == Stage("audit", StageState.UNABLE, "No Airflow.", 1.0, code)
    assert report is None


def test_gate_says_with_what_it_compares_and_what_it_looks_at():
    change = ChangedFile("/r/a.py")
    some = Impact(affected=(Affected("dags/a.py"),), total=300)
    known = Comparison("0123456789abcdef", "origin/main", files=(change, change))
    assert words.looked_at(known, some) == (
        "2 changed files since origin/main can affect 1 of 300 DAG files"
    )
    tasks = Impact(affected=(Affected("dags/a.py"), Affected("b", imports=False)), total=300)
    assert words.looked_at(known, tasks).endswith(
        " can affect 2 of 300 DAG files, 1 of them by their tasks alone"
    )
    unnamed = Comparison("0123456789abcdef", files=(change,))
    assert words.looked_at(unnamed, some).startswith("1 changed file since 0123456789ab can")
    assert words.looked_at(known, Impact("It is shallow.", total=1)) == (
        "Everything is checked, 1 DAG file: It is shallow."
    )


def test_no_dag_is_looked_at_where_none_is_affected():
    assert words.nothing_affected(Selection(nothing=True)) == "No DAG depends on what has changed."
    assert words.nothing_affected(Selection(nothing=True, later=2)) == (
        "No import of a DAG file runs what has changed: tasks alone do."
    )
    assert words.nothing_affected(Selection()) == ""


def test_differences_of_dags_are_counted_and_harmful_ones_told():
    harmless = DagDiff("d", Fate.ADDED, changes=(ShapeChange("tags", "", "a", "It has a tag"),))
    harm = ShapeChange("schedule", "a", "b", "It moved", Severity.WARNING, "It hurts.")
    assert how_dags_differ(Report()) == "No DAG differs."
    assert how_dags_differ(Report(diffs=(harmless,))) == "1 DAG changed."
    told = how_dags_differ(Report(diffs=(harmless, DagDiff("e", Fate.CHANGED, changes=(harm,)))))
    assert told == "2 DAGs changed, 1 in a way that can hurt."


def test_gate_says_why_nothing_is_run():
    one = (ConfiguredRun("d"),)
    with_runs = Settings(Path("/r"), (), runs=one)
    assert words.no_runs(with_runs, Selection(runs=one)) == ""
    assert words.no_runs(with_runs, Selection(left_out=("d", "e"))) == "Not affected: d, e."
    assert words.no_runs(Settings(Path("/r"), ()), Selection()) == (
        "No runs are listed: `[[tool.dagproof.runs]]` in pyproject.toml names DAGs to run."
    )
