"""Paths of a report, as a reader elsewhere knows them."""

import pytest
from fixtures.reports import clean, full

from dagproof.model import (
    Affected,
    ContractTrace,
    DagOutcome,
    Finding,
    Impact,
    ImportTrace,
    Kind,
    Related,
    Report,
    Severity,
    Span,
    TaskOutcome,
    Unread,
)
from dagproof.reporters.placing import below

PLACE = Span("dags/x.py", 3, 1, 3, 9)


def finding(path):
    related = (Related(Span(path, 1, 1, 1, 2), "called here"),)
    return Finding(
        "DP101", "s", Severity.ERROR, Kind.RUN, "m", "f", Span(path, 3, 1, 3, 9), "", related
    )


@pytest.mark.parametrize("prefix", ["", ".", "/", "./", "a/.."])
def test_report_of_the_root_is_the_same_object(prefix):
    report = full()

    assert below(report, prefix) is report


@pytest.mark.parametrize("prefix", ["team/a", "team/a/", "/team/a", "./team/a"])
@pytest.mark.parametrize(
    ("path", "after"),
    [
        ("dags/x.py", "team/a/dags/x.py"),
        ("../x.py", "team/x.py"),
        ("../../x.py", "x.py"),
        ("/opt/x.py", "/opt/x.py"),
    ],
)
def test_folder_stands_before_paths_that_are_not_absolute(prefix, path, after):
    [found] = below(Report(findings=(finding(path),)), prefix).findings

    assert found.span.path == after
    assert found.related[0].span.path == after
    assert found.span.line == 3


def test_every_path_that_is_shown_is_placed():
    report = Report(
        errors=(Unread("a.py", "no"),),
        imports=(ImportTrace("a.py", spans={"a.py": PLACE}),),
        contracts=(ContractTrace("a.py"),),
        impact=Impact(affected=(Affected("a.py", changed="b.py"),), idle=("c.md", "/d.md")),
        runs=(DagOutcome("a", "r", "success", (), 1.0, path="/work/a.py"),),
    )
    placed = below(report, "t")

    assert placed.errors[0].path == "t/a.py"
    assert placed.imports[0].path == "t/a.py"
    assert placed.imports[0].spans == {"a.py": Span("t/dags/x.py", 3, 1, 3, 9)}
    assert placed.contracts[0].path == "t/a.py"
    assert placed.impact.affected[0].path == "t/a.py"
    assert placed.impact.affected[0].changed == "t/b.py"
    assert placed.impact.idle == ("t/c.md", "/d.md")
    assert placed.runs[0].path == "/work/a.py"


def test_values_of_users_keep_their_paths():
    task = TaskOutcome("a", -1, "success", 1, 0.0, xcoms={"place": PLACE})
    report = Report(runs=(DagOutcome("d", "r", "success", (task,), 1.0),))

    assert below(report, "t").runs[0].tasks[0].xcoms["place"] is PLACE


def test_what_has_no_path_stays_the_same_object():
    report = clean()

    placed = below(report, "t")

    assert placed.runs[0] is report.runs[0]
    assert placed.stages is report.stages
    assert placed.imports[0].path == "t/dags/taxi/dag.py"
