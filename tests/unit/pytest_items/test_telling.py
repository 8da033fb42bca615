"""Each item of `pytest --dagproof` tells the findings that are its own."""

import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest
from dag_items import ALONE, DAG, OF_REPOSITORY

from dagproof.model import Finding, Kind, Related, Severity, Span, UnavailableError

pytest_plugins = ["pytester"]


def finding(code="DP104", path="dags/a.py", *, related=(), also=(), severity="error"):
    steps = tuple(Related(Span(step, 1, 1, 1, 2), "called here") for step in related)
    return Finding(
        code, "an-offence", Severity(severity), Kind.CONFIG, f"It offends in {path}.", "Mend it.",
        Span(path, 3, 1, 3, 5), related=steps, also=also,
    )  # fmt: skip


def failed(outcomes):
    return [name for name, outcome in outcomes.items() if outcome != "PASSED"]


@pytest.mark.parametrize(
    ("code", "also", "question"),
    [
        *((f"DP{number}", (), "import") for number in (220, 221, 222, 223, 225, 228)),
        *((f"DP{number}", (), "effects") for number in (*range(201, 212), 227)),
        ("DP226", (), "serialization"), ("DP224", (), "stability"), ("DP100", (), "import"),
        ("DP104", ("DP204",), "effects"), ("DP112", ("DP223",), "import"),
    ],
)  # fmt: skip
def test_finding_fails_the_item_of_its_question(written, outcomes, fakes, code, also, question):
    written(dags__a=DAG)
    fakes.seen = [finding(code, also=also)]

    assert failed(outcomes()) == [f"dags/a.py::{question}"]


def test_what_is_read_fails_lint(written, outcomes, fakes):
    written(dags__a=DAG, dags__b=DAG)
    fakes.read = [finding("DP104", "dags/b.py")]

    assert failed(outcomes()) == ["dags/b.py::lint"]


def test_finding_in_a_helper_fails_the_file_that_leads_there(written, outcomes, fakes):
    written(dags__a=DAG, dags__b=DAG, dags__helper="")
    fakes.read = [finding(path="dags/helper.py", related=["dags/b.py", "dags/helper.py"])]

    assert failed(outcomes()) == ["dags/b.py::lint"]


def test_finding_of_no_dag_file_fails_the_repository(written, outcomes, fakes):
    written(dags__a=DAG, plugins__p="")
    fakes.read = [finding(path="plugins/p.py")]
    fakes.seen = [finding("DP202", "plugins/p.py")]

    assert failed(outcomes()) == OF_REPOSITORY


def test_finding_that_points_at_another_dag_file_fails_the_repository(written, outcomes, fakes):
    written(dags__a=DAG, dags__b=DAG)
    other = Related(Span("dags/a.py", 1, 1, 1, 2), "the other DAG")
    fakes.read = [replace(finding("DP121", "dags/b.py"), related=(other,))]

    assert failed(outcomes()) == [OF_REPOSITORY[0]]
    assert failed(outcomes("dags/b.py")) == ["dags/b.py::lint"]


def test_helper_is_told_of_though_the_file_that_leads_there_does_not_run(written, outcomes, fakes):
    written(dags__a=DAG, dags__b=DAG, dags__helper="")
    fakes.read = [finding(path="dags/helper.py", related=["dags/a.py"]), finding(path="dags/a.py")]

    assert failed(outcomes("-k", "not a.py")) == [OF_REPOSITORY[0]]


def test_repository_alone_tells_nothing_of_the_dag_files(written, outcomes, fakes):
    written(dags__a=DAG, dags__helper="")
    fakes.read = [finding(path="dags/helper.py", related=["dags/a.py"]), finding(path="dags/a.py")]

    assert failed(outcomes("dagproof::repository")) == []


def test_failure_is_the_finding_without_a_traceback(written, pytester, fakes):
    written(dags__a=DAG)
    fakes.read = [finding(), finding("DP105")]

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof", "--junitxml=out.xml", "-k", "lint")

    result.stdout.fnmatch_lines(
        ["* lint of dags/a.py *", "dags/a.py:3:1 DP104 an-offence  error", "*It offends in *",
         "  fix: Mend it.", "", "dags/a.py:3:1 DP105*", "FAILED dags/a.py::lint - DP104 an-off*"]
    )  # fmt: skip
    assert "Traceback" not in result.stdout.str()
    case = ET.parse(pytester.path / "out.xml").find(".//testcase[@classname='dags.a']")  # noqa: S314 - ours
    assert case.find("failure").text.startswith("dags/a.py:3:1 DP104 an-offence  error\n  It off")


def test_note_is_shown_and_fails_nothing(written, pytester, fakes):
    written(dags__a=DAG)
    fakes.seen = [finding("DP205", severity="note")]
    fakes.notes = ("3 known findings are held back.",)

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof", "-rP")

    result.assert_outcomes(passed=10)
    result.stdout.fnmatch_lines(["*dagproof notes*", "dags/a.py:3:1 DP205*", "3 known findings*"])


def test_refusal_fails_those_who_need_it_with_one_sentence(written, pytester, outcomes, fakes):
    written(dags__a=DAG)
    fakes.seen = UnavailableError("Airflow is not installed. Install it.")

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof", "-k", "lint or stability")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["* stability of dags/a.py *", "Airflow is not installed. Inst*"])
