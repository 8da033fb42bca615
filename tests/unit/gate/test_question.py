"""What a gate asks of the base."""

from pathlib import Path

import pytest

from dagproof.gate.question import broken, question
from dagproof.gate.request import GateRequest
from dagproof.gate.selection import Selection
from dagproof.model import (
    ChangedFile,
    Comparison,
    FileFate,
    Finding,
    Kind,
    Severity,
    Span,
)


def finding(code, path="dags/a.py"):
    return Finding(code, "s", Severity.ERROR, Kind.RUN, "It is", "Do.", Span(path, 1, 1, 1, 2))


@pytest.fixture(autouse=True)
def _here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def asked(*, files=(), paths=(), nothing=False, **request):
    comparison = Comparison("c0ffee", files=files)
    return question(comparison, Selection(paths, nothing), GateRequest(**request))


def test_all_files_are_compared_where_everything_is_checked():
    assert asked().paths is None


def test_affected_files_and_those_that_are_gone_are_compared():
    files = (
        ChangedFile("/r/dags/gone.py", FileFate.DELETED),
        ChangedFile("/r/dags/new_name.py", FileFate.RENAMED, "/r/dags/name.py"),
        ChangedFile("/r/dags/a.py"),
    )
    found = asked(files=files, paths=(Path("dags/a.py"), Path("dags/a.py")))
    assert found.paths == (
        Path("dags/a.py").resolve(),
        Path("/r/dags/gone.py"),
        Path("/r/dags/name.py"),
    )
    assert found.renamed == {"/r/dags/name.py": "/r/dags/new_name.py"}


def test_files_that_are_gone_are_compared_where_nothing_else_is_affected():
    gone = (ChangedFile("/r/dags/gone.py", FileFate.DELETED),)
    assert asked(files=gone, nothing=True).paths == (Path("/r/dags/gone.py"),)


def test_what_the_gate_was_asked_is_handed_on():
    found = asked(allow=["network"], ignore=["DP112"])
    assert found.asked == {"select": (), "ignore": ["DP112"], "extend_select": ()}
    assert (found.allow, found.commit, found.alone) == (["network"], "c0ffee", False)


def test_working_tree_is_imported_beside_the_base_where_no_audit_does_so():
    assert asked(skipped=["audit"]).alone


def test_files_whose_promises_do_not_hold_are_tried_at_the_base_too():
    findings = (finding("DP101", "dags/b.py"), finding("DP302"), finding("DP303"))
    assert broken(findings) == (Path("dags/a.py").resolve(),)
