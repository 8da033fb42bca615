"""Which findings are new, and which are of no concern."""

from dataclasses import replace
from pathlib import Path

import pytest

from dagproof.gate.novelty import with_novelty
from dagproof.gate.past import Past
from dagproof.model import (
    Affected,
    ChangedFile,
    Comparison,
    ContractTrace,
    DagOutcome,
    Ending,
    FileFate,
    Finding,
    Impact,
    ImportTrace,
    Kind,
    Related,
    Report,
    Severity,
    Span,
    Stage,
    StageState,
)

FOUND = {
    name: Stage(name, StageState.FOUND, exit_code=1)
    for name in ("lint", "audit", "contracts", "run")
}


def finding(code="DP101", path="dags/a.py", line=1, excerpt="x()", **more):
    span = Span(path, line, 1, line, 9)
    return Finding(
        code, "s", Severity.ERROR, Kind.MLFLOW, "It is", "Mend it.", span, excerpt, **more
    )


@pytest.fixture
def report(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def report(*findings, affected=("dags/a.py",), everything="", files=(), **more):
        return Report(
            findings=findings,
            comparison=Comparison("0123456789abcdef", files=files),
            impact=Impact(everything, tuple(map(Affected, affected)), 9),
            **more,
        )

    return report


def judged(report, *before, evidence=("DP1", "DP2"), new_only=False):
    past = Past(findings=before, evidence=frozenset(evidence))
    return with_novelty(report, past, Path.cwd(), new_only=new_only)


def test_finding_that_was_not_there_is_new_and_the_other_is_not(report):
    there, fresh = finding(line=7), finding(line=9, excerpt="y()")
    found = judged(report(there, fresh), finding(line=3)).findings
    assert [one.new for one in found] == [False, True]


def test_second_of_two_equal_findings_is_new_where_one_was_there(report):
    found = judged(report(finding(line=1), finding(line=2)), finding(line=5)).findings
    assert sorted(one.new for one in found) == [False, True]


def test_evidence_that_was_not_looked_for_at_the_base_is_unknown(report):
    found = judged(report(finding("DP303"), finding("DP401"), finding("DP202"))).findings
    assert [one.new for one in found] == [None, None, True]
    assert judged(report(finding("DP224"))).findings[0].new is None


def test_everything_in_a_new_file_is_new(report):
    added = ChangedFile(str(Path.cwd() / "dags/new.py"), FileFate.ADDED)
    changed = ChangedFile(str(Path.cwd() / "dags/a.py"), FileFate.MODIFIED)
    one, other = finding("DP401", "dags/new.py"), finding("DP401")
    found = judged(report(one, other, files=(added, changed))).findings
    assert [one.new for one in found] == [True, None]


def test_what_was_there_in_files_of_no_concern_is_not_told_again(report):
    elsewhere = finding(path="dags/b.py")
    fresh = finding(path="dags/b.py", excerpt="duplicate")
    call = Related(Span("dags/a.py", 1, 1, 1, 2), "called")
    through = finding(path="dags/c.py", related=(call,))
    found = judged(report(elsewhere, fresh, through), elsewhere, through).findings
    assert [(one.span.path, one.new) for one in found] == [
        ("dags/b.py", True),
        ("dags/c.py", False),
    ]


def test_changed_file_is_of_concern_though_it_is_no_dag_file(report):
    changed = ChangedFile(str(Path.cwd() / "helper.py"))
    one = finding(path="helper.py")
    assert len(judged(report(one, files=(changed,), affected=()), one).findings) == 1


def test_everything_is_of_concern_where_everything_is_checked(report):
    one = finding(path="dags/b.py")
    assert len(judged(report(one, everything="It is shallow."), one).findings) == 1


def test_new_findings_alone_count_where_that_was_asked_for(report):
    there, unknown = finding(), finding("DP401")
    found = judged(report(there, unknown, notes=("n",)), there, new_only=True)
    assert [one.code for one in found.findings] == ["DP401"]
    assert found.notes == ("n", "1 finding held back, there before at 0123456789ab.")
    assert judged(report(unknown), new_only=True).notes == ()


def test_stage_that_failed_for_what_is_held_back_is_clean(report):
    there = finding(also=("DP201",))
    stages = (FOUND["lint"], FOUND["audit"])

    held = judged(report(there, stages=stages), there, new_only=True)
    told = judged(report(there, stages=stages), there)

    assert [one.state for one in held.stages] == [StageState.CLEAN] * 2
    assert [one.exit_code for one in held.stages] == [0, 0]
    assert held.exit_code == 0
    assert told.stages == stages
    assert told.exit_code == 1


def test_contracts_that_could_try_no_file_are_left_out_and_not_clean(report):
    note = "Nothing is tried: 1 DAG file does not import: a."
    stages = (FOUND["audit"], replace(FOUND["contracts"], note=note))

    untried = judged(report(stages=stages))
    tried = judged(report(stages=stages, contracts=(ContractTrace("b", ("d",)),)))

    [audit, contracts] = untried.stages
    assert audit.state is StageState.CLEAN
    assert (contracts.state, contracts.note) == (StageState.SKIPPED, note)
    assert (contracts.exit_code, untried.exit_code) == (0, 0)
    assert tried.stages[1].state is StageState.CLEAN


def test_contracts_that_tried_some_dags_of_a_file_are_not_left_out(report):
    partly = ImportTrace("a", Ending.FAILED, dag_ids=("d",))
    [stage] = judged(report(stages=(FOUND["contracts"],), imports=(partly,))).stages
    assert stage.state is StageState.CLEAN


def test_notes_fail_no_stage(report):
    note = replace(finding(), severity=Severity.NOTE)
    assert judged(report(note, stages=(FOUND["lint"],))).stages[0].state is StageState.CLEAN


def test_failed_run_and_untried_promise_fail_their_stages_without_a_finding(report):
    stages = (FOUND["contracts"], FOUND["run"])
    run = DagOutcome("d", "r", "failed", (), 1.0)
    whole = report(stages=stages, runs=(run,), contracts=(ContractTrace("a", failure="no"),))
    assert judged(whole).stages == stages


def test_stage_that_could_not_look_stays_so(report):
    unable = Stage("lint", StageState.UNABLE, exit_code=3)
    assert judged(report(stages=(unable,))).exit_code == 3


def test_nothing_is_marked_where_nobody_looked_back(report):
    one = finding()
    assert with_novelty(report(one), None, Path.cwd(), new_only=True).findings == (one,)
