"""The verdict of a gate for a terminal."""

import pytest

from dagproof.model import (
    DagOutcome,
    Ending,
    Finding,
    ImportTrace,
    Kind,
    Report,
    Severity,
    Span,
    Stage,
    StageState,
)
from dagproof.reporters import gate_text, text

CLEAN = Stage("lint", StageState.CLEAN, "3 files read.", 0.41)
FOUND = Stage("audit", StageState.FOUND, "1 file imported.", 2.0, 1)
UNABLE = Stage("contracts", StageState.UNABLE, "No Hypothesis.", 0.1, 3)
SKIPPED = Stage("run", StageState.SKIPPED, "Not affected: \x1bfares.")


BROKEN = ImportTrace("dags/\x1ba.py", Ending.FAILED)
UNPROVED = "1 DAG file does not import, and nothing of it is proved: dags/\\x1ba.py"


def finding(severity=Severity.ERROR, new=None):
    span = Span("a.py", 1, 1, 1, 2)
    return Finding("DP101", "s", severity, Kind.MLFLOW, "It is", "Do.", span, new=new)


def test_stages_are_told_with_what_came_of_them_and_nothing_is_obeyed():
    lines = gate_text.render(Report(stages=(CLEAN, FOUND, UNABLE, SKIPPED))).splitlines()
    assert [" ".join(line.split()) for line in lines[2:6]] == [
        "lint ✓ clean 0.4 3 files read.",
        "audit ✗ failed 2.0 1 file imported.",
        "contracts ✗ could not look 0.1 No Hypothesis.",
        "run - left out 0.0 Not affected: \\x1bfares.",
    ]


@pytest.mark.parametrize(
    ("report", "verdict"),
    [
        (Report(stages=(CLEAN, SKIPPED)), "PASS."),
        (Report(stages=(CLEAN,), findings=(finding(Severity.NOTE),) * 2), "PASS, with 2 notes."),
        (Report(stages=(FOUND,), findings=(finding(),)), "FAIL: 1 error."),
        (
            Report(
                stages=(FOUND,),
                findings=(finding(new=True), finding(new=False), finding(Severity.WARNING)),
                runs=(DagOutcome("d", "r", "failed", (), 1.0),),
            ),
            "FAIL: 2 errors (1 new), 1 warning, 1 failed run.",
        ),
        (Report(stages=(FOUND,)), "FAIL: a stage has failed."),
        (Report(stages=(CLEAN, UNABLE)), "COULD NOT LOOK: contracts."),
        (
            Report(
                stages=(UNABLE, Stage("run", StageState.UNABLE, "", 0, 2)), findings=(finding(),)
            ),
            "COULD NOT LOOK: contracts, run; 1 error.",
        ),
        (Report(stages=(CLEAN,), imports=(BROKEN,)), f"PASS, but {UNPROVED}."),
        (
            Report(stages=(CLEAN,), findings=(finding(Severity.NOTE),), imports=(BROKEN,)),
            f"PASS, with 1 note, but {UNPROVED}.",
        ),
        (
            Report(stages=(FOUND,), findings=(finding(),), imports=(BROKEN,)),
            f"FAIL: 1 error; {UNPROVED}.",
        ),
        (
            Report(stages=(UNABLE,), imports=(BROKEN,)),
            f"COULD NOT LOOK: contracts; {UNPROVED}.",
        ),
    ],
)  # fmt: skip
def test_verdict_is_the_last_line(report, verdict):
    assert gate_text.verdict(report) == verdict
    assert text.render(report).splitlines()[-1] == verdict


@pytest.mark.parametrize(("new", "told"), [(True, "error, new"), (False, "error, there before")])
def test_findings_say_whether_they_are_new(new, told):
    assert text.render(Report(findings=(finding(new=new),))).startswith(
        f"a.py:1:1 DP101 s  {told}\n"
    )
