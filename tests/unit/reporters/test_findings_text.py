"""The findings as a person reads them, to the character."""

from xml.etree import ElementTree as ET

import pytest

from dagproof.model import (
    ContractTrace,
    DagOutcome,
    Edit,
    Finding,
    ImportTrace,
    Kind,
    ModuleCost,
    Related,
    Report,
    Severity,
    Span,
    Unread,
)
from dagproof.reporters.findings_text import finding_text
from dagproof.reporters.text import plain, render


def finding(severity=Severity.ERROR, line="    mlflow.start_run()", **changed):
    parts = {
        "message": "`mlflow.start_run()` runs each time this file is parsed",
        "fix": "Move it into the task that logs.",
        "span": Span("dags/x.py", 12, 5, 12, 23),
        "related": (),
    } | changed
    return Finding("DP101", "mlflow-call-at-import", severity, Kind.MLFLOW, excerpt=line, **parts)


def test_finding_is_told_from_place_to_fix():
    chain = (
        Related(Span("dags/x.py", 40, 1, 40, 9), "`prepare()` is called here"),
        Related(Span("plugins/y.py", 7, 3, 7, 9), "`connect()` is called here"),
    )

    assert render(Report(findings=(finding(related=chain),), files=1)) == (
        "dags/x.py:12:5 DP101 mlflow-call-at-import  error\n"
        "  `mlflow.start_run()` runs each time this file is parsed\n"
        "  12 |     mlflow.start_run()\n"
        "     |     ^^^^^^^^^^^^^^^^^^\n"
        "    reached from dags/x.py:40:1: `prepare()` is called here\n"
        "    reached from plugins/y.py:7:3: `connect()` is called here\n"
        "  fix: Move it into the task that logs.\n"
        "\n"
        "1 error in 1 file\n"
    )


def test_place_that_only_explains_is_to_be_seen():
    places = (
        Related(Span("dags/y.py", 4, 1, 4, 9), "the other DAG"),
        Related(Span("dags/y.py", 9, 1, 9, 9), "imported here"),
    )

    lines = render(Report(findings=(finding(related=places),), files=1)).splitlines()

    assert "    see dags/y.py:4:1: the other DAG" in lines
    assert "    reached from dags/y.py:9:1: imported here" in lines


def test_finding_known_twice_has_both_codes():
    known = finding(also=("DP201",))

    first = render(Report(findings=(known,), files=1)).partition("\n")[0]

    assert first == "dags/x.py:12:5 DP101+DP201 mlflow-call-at-import  error"


def test_detail_is_indented_between_the_way_there_and_the_fix():
    chain = (Related(Span("dags/x.py", 40, 1, 40, 9), "`prepare()` is called here"),)
    detail = "\nTraceback:\n  File x\n \n\tKeyError: 1\r\n"

    assert finding_text(finding(related=chain, detail=detail)) == (
        "dags/x.py:12:5 DP101 mlflow-call-at-import  error\n"
        "  `mlflow.start_run()` runs each time this file is parsed\n"
        "  12 |     mlflow.start_run()\n"
        "     |     ^^^^^^^^^^^^^^^^^^\n"
        "    reached from dags/x.py:40:1: `prepare()` is called here\n"
        "    Traceback:\n"
        "      File x\n"
        "\n"
        "        KeyError: 1\n"
        "  fix: Move it into the task that logs."
    )


def test_text_of_one_finding_is_its_block_of_the_report():
    known = finding(also=("DP201",), detail="one\ntwo")

    assert render(Report(findings=(known,), files=1)) == (
        f"{finding_text(known)}\n\n1 error in 1 file\n"
    )


def test_xml_can_carry_the_text_of_any_finding():
    every = "".join(map(chr, [*range(0x100), 0x2028, 0xD800, 0xDFFF, 0xFFFE, 0xFFFF, 0x1F642]))
    place = Span(every, 1, 1, 1, 9)
    known = finding(
        message=every, fix=every, span=place, line=every, related=(Related(place, every),)
    )
    element = ET.Element("failure")
    element.text = finding_text(known)
    read = ET.fromstring(ET.tostring(element))  # noqa: S314 - it is our own

    assert read.text == element.text


def test_cost_of_imports_stands_above_the_notes_and_the_count():
    imports = (ImportTrace("dags/x.py", dag_ids=("d",), seconds=1.5),)
    report = Report(
        findings=(finding(),),
        errors=(Unread("a.py", "no"),),
        files=1,
        imports=imports,
        notes=("A note.",),
    )

    blocks = render(report).split("\n\n")

    assert [block.partition("\n")[0] for block in blocks] == [
        "dags/x.py:12:5 DP101 mlflow-call-at-import  error",
        "Could not be read:",
        "Import cost (CPU seconds, Airflow itself not counted)",
        "A note.",
    ]


@pytest.mark.parametrize("line", ["", "   \t"])
def test_finding_without_a_source_line_has_no_carets(line):
    assert render(Report(findings=(finding(line=line),), files=1)) == (
        "dags/x.py:12:5 DP101 mlflow-call-at-import  error\n"
        "  `mlflow.start_run()` runs each time this file is parsed\n"
        "  fix: Move it into the task that logs.\n"
        "\n"
        "1 error in 1 file\n"
    )


@pytest.mark.parametrize(
    ("severities", "files", "line"),
    [
        ("", 12, "12 files are clean"),
        ("", 1, "1 file is clean"),
        ("e", 1, "1 error in 1 file"),
        ("nwewnee", 12, "3 errors, 2 warnings, 2 notes in 12 files"),
        ("nw", 1500, "1 warning, 1 note in 1,500 files"),
    ],
)
def test_last_line_counts(severities, files, line):
    of_letter = {severity[0]: severity for severity in Severity}
    found = tuple(finding(of_letter[letter]) for letter in severities)

    assert render(Report(findings=found, files=files)).splitlines()[-1] == line


def test_findings_stand_apart_in_the_order_of_the_report():
    lines = render(Report(findings=(finding(), finding(Severity.NOTE)), files=1)).splitlines()

    assert [line.rpartition("  ")[2] for line in lines if "DP101" in line] == ["error", "note"]
    assert lines.count("") == 2


def test_files_that_could_not_be_read_are_named_and_counted():
    unread = (Unread("dags/a.py", "it is not UTF-8"), Unread("dags/b.py", "it is a folder"))

    assert render(Report(errors=unread, files=3)) == (
        "Could not be read:\n"
        "  dags/a.py: it is not UTF-8\n"
        "  dags/b.py: it is a folder\n"
        "\n"
        "No findings in 3 files; 2 files could not be read\n"
    )


def test_findings_and_unread_files_are_counted_together():
    report = Report(findings=(finding(),), errors=(Unread("b.py", "no"),), files=3)

    assert render(report).splitlines()[-1] == "1 error in 3 files; 1 file could not be read"


def test_notes_stand_above_the_count():
    report = Report(files=3, notes=("Two findings are in the baseline.", "Second."))

    assert render(report) == "Two findings are in the baseline.\nSecond.\n3 files are clean\n"


@pytest.mark.parametrize(("number", "words"), [(1, "1 finding"), (2, "2 findings")])
def test_findings_that_can_be_mended_are_counted(number, words):
    edits = (Edit(Span("dags/x.py", 1, 1, 1, 1), "a"), Edit(Span("dags/x.py", 2, 1, 2, 1), "b"))
    found = (*[finding(edits=edits)] * number, finding())

    assert render(Report(findings=found, files=1, notes=("A note.",))).splitlines()[-3:] == [
        "A note.",
        f"`--fix` can mend {words}.",
        f"{number + 1} errors in 1 file",
    ]


def test_findings_follow_the_runs():
    runs = (DagOutcome("taxi", "r", "success", (), 1.0),)
    text = render(Report(findings=(finding(),), files=1, runs=runs))

    assert text.startswith("\n✓ taxi: success in 1.0 s (no task started)\n\ndags/x.py:12:5 DP101")
    assert text.endswith("\n\n1 error in 1 file\n")


@pytest.mark.parametrize(
    "report",
    [
        Report(findings=(finding(),)),
        Report(errors=(Unread("a.py", "no"),)),
        Report(notes=("A sentence.",)),
        Report(files=1),
        Report(imports=(ImportTrace("a.py"),)),
        Report(),
    ],
)
def test_anything_of_a_lint_brings_its_last_line(report):
    assert " file" in render(report).splitlines()[-1]


@pytest.mark.parametrize(
    "more",
    [
        {"findings": (finding(),)},
        {"errors": (Unread("a.py", "no"),)},
        {"notes": ("A sentence.",)},
        {"imports": (ImportTrace("a.py"),)},
        {"files": 1},
    ],
)
def test_anything_of_a_lint_beside_runs_brings_its_last_line(more):
    report = Report(runs=(DagOutcome("d", "r", "success", (), 1.0),), **more)

    assert " file" in render(report).splitlines()[-1]


def test_runs_alone_say_nothing_of_files():
    assert "file" not in render(Report(runs=(DagOutcome("d", "r", "success", (), 1.0),)))


def test_no_text_of_the_repository_commands_the_terminal():
    evil = "\x1b]0;pwned\x07\n\r\u202e\udcff"
    place = Span(f"{evil}.py", 1, 1, 1, 9)
    report = Report(
        findings=(
            finding(
                message=evil,
                fix=evil,
                span=place,
                line=evil,
                related=(Related(place, evil),),
                detail=f"one\n{evil}",
            ),
        ),
        imports=(ImportTrace(evil, modules=(ModuleCost(evil, 1.0, 1.0),)),),
        errors=(Unread(evil, evil),),
        notes=(evil,),
    )

    text = render(report)

    assert not set(evil) - set("0;pwned]") & set(text.replace("\n", ""))
    assert len(text.splitlines()) == 21
    text.encode()


def test_findings_survive_an_ascii_terminal():
    text = plain(render(Report(findings=(finding(line="\t" + "a" * 300),), files=1)))

    assert text.isascii()
    assert "?" not in text


def test_how_much_was_tried_is_told_in_one_line_before_the_sum():
    traces = (
        ContractTrace("dags/x.py", ("a", "b"), confs=3, templates=1, values=0),
        ContractTrace("dags/y.py", ("c",), confs=4, templates=0, values=1),
    )

    assert render(Report(contracts=traces, files=2)) == (
        "Tried 3 DAGs: 1 template, 7 confs, 1 XCom value.\n\n2 files are clean\n"
    )


def test_one_dag_that_was_tried_is_one():
    told = render(Report(contracts=(ContractTrace("dags/x.py", ("a",), confs=1, templates=2),)))

    assert told.startswith("Tried 1 DAG: 2 templates, 1 conf, 0 XCom values.\n")
