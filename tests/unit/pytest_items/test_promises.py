"""`params`, `templates` and `xcom` tell what was tried, or why it was not."""

from dataclasses import replace

import pytest
from dag_items import ALONE, DAG, OF_CONTRACTS

from dagproof.model import (
    ContractTrace,
    Counterexample,
    Finding,
    Kind,
    Severity,
    Span,
    UnavailableError,
    Unread,
)
from dagproof.pytest_items import nodes

pytest_plugins = ["pytester"]

OPTIONS = """
def pytest_addoption(parser):
    parser.addoption("--hypothesis-seed")
    parser.addoption("--hypothesis-profile")
"""


def finding(kind=Kind.TEMPLATE, path="dags/a.py", *, line=3, severity="error"):
    return Finding(
        "DP308", "an-offence", Severity(severity), kind, f"It offends in {path}.", "Mend it.",
        Span(path, line, 1, line, 5), detail="$ dagproof contracts --conf '{}'",
    )  # fmt: skip


def trace(path, *findings, failure="", dag_ids=("a",), **broken):
    seen = [Counterexample(one.slug, one.message, one.span, **broken) for one in findings]
    return ContractTrace(path, dag_ids, tuple(seen), failure=failure)


def failed(outcomes):
    return [name for name, outcome in outcomes.items() if outcome != "PASSED"]


@pytest.fixture
def untried(fakes):
    """Say that `dags/a.py` could not be tried."""

    def untried(failure, **rest):
        fakes.traces = [trace("dags/a.py", failure=failure, **rest)]
        fakes.unread = [Unread("dags/a.py", failure)]

    return untried


# Whose a finding is


@pytest.mark.parametrize(
    ("kind", "question"),
    [(Kind.PARAMS, "params"), (Kind.TEMPLATE, "templates"), (Kind.XCOM, "xcom")],
)
def test_finding_fails_the_item_of_its_kind(written, outcomes, fakes, kind, question):
    written(dags__a=DAG, dags__b=DAG)
    fakes.broken = [finding(kind)]
    fakes.traces = [trace("dags/a.py", *fakes.broken), trace("dags/b.py")]

    assert failed(outcomes()) == [f"dags/a.py::{question}"]


@pytest.mark.parametrize(
    ("broken", "questions"),
    [
        ({"dag_id": "a", "task_id": "t", "field": "return_value"}, ["xcom"]),
        ({"dag_id": "a", "field": "year"}, ["params"]),
        ({"dag_id": "a", "task_id": "t", "field": "year"}, ["params"]),
        ({"dag_id": "a", "conf": {"year": 1}}, ["params"]),
        ({"dag_id": "a", "task_id": "t"}, ["templates"]),
        ({"dag_id": "a"}, [*OF_CONTRACTS]),
    ],
)
def test_what_cannot_be_tried_is_told_where_it_was_promised(
    written, outcomes, fakes, broken, questions
):
    written(dags__a=DAG)
    fakes.broken = [finding(Kind.CONFIG)]
    fakes.traces = [trace("dags/a.py", *fakes.broken, **broken)]

    assert failed(outcomes()) == [f"dags/a.py::{question}" for question in questions]


def test_note_of_a_promise_is_shown_and_fails_nothing(written, pytester, fakes):
    written(dags__a=DAG)
    fakes.broken = [finding(Kind.XCOM, severity="note")]
    fakes.traces = [trace("dags/a.py", *fakes.broken)]

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof", "-rP", "-k", "xcom")

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["*dagproof notes*", "dags/a.py:3:1 DP308 an-offence  note"])


def test_what_was_only_read_is_left_to_lint(written, outcomes, fakes):
    written(dags__a=DAG)
    fakes.broken = [replace(finding(), code="DP130")]

    assert failed(outcomes()) == []


def test_helper_fails_every_file_whose_promise_it_breaks_and_no_other(written, outcomes, fakes):
    written(dags__a=DAG, dags__b=DAG, dags__c=DAG, dags__helper="")
    one, elsewhere = (finding(path="dags/helper.py", line=line) for line in (3, 9))
    elsewhere = replace(elsewhere, kind=Kind.XCOM)
    otherwise = replace(one, message="It offends otherwise.", kind=Kind.PARAMS)
    fakes.broken = [one, one, elsewhere, otherwise]
    fakes.traces = [
        trace("dags/a.py", one), trace("dags/b.py", one), trace("dags/c.py", elsewhere, otherwise),
    ]  # fmt: skip

    assert failed(outcomes()) == [
        "dags/a.py::templates", "dags/b.py::templates", "dags/c.py::params", "dags/c.py::xcom",
    ]  # fmt: skip


def test_finding_is_told_once_though_two_files_lead_there(written, pytester, fakes):
    written(dags__a=DAG, dags__b=DAG, dags__helper="")
    fakes.broken = [finding(path="dags/helper.py")] * 2
    fakes.traces = [trace(f"dags/{name}.py", fakes.broken[0]) for name in "ab"]

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof", "dags/a.py::templates")

    assert result.stdout.str().count("It offends") == 2  # in the failure, and in the summary


@pytest.mark.parametrize(
    ("kind", "questions"), [(Kind.TEMPLATE, ["templates"]), (Kind.CONFIG, [*OF_CONTRACTS])]
)
def test_finding_that_nobody_accounts_for_is_told_all_the_same(
    written, outcomes, fakes, kind, questions
):
    written(dags__a=DAG, dags__b=DAG)
    fakes.broken = [finding(kind, "dags/b.py")]
    fakes.traces = [trace("dags/b.py", replace(fakes.broken[0], message="Another."))]

    assert failed(outcomes()) == [f"dags/b.py::{question}" for question in questions]


# What was not tried


def test_file_that_does_not_import_is_told_by_its_import_alone(written, pytester, untried):
    written(dags__a=DAG, dags__b=DAG)
    untried("it does not import: ImportError: nowhere")

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof", "-rs")

    result.assert_outcomes(passed=15, skipped=3)
    result.stdout.fnmatch_lines(
        ["SKIPPED [[]3[]] dags/a.py:1: dags/a.py could not be tried: dags/a.py::import says why"]
    )
    assert "nowhere" not in result.stdout.str()


def test_first_of_them_tells_where_import_is_not_asked(written, pytester, untried):
    written(dags__a=DAG)
    untried("it does not import: ImportError: no\x1bwhere")

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof", "-rs", "-k", "xcom or templates")

    result.assert_outcomes(failed=1, skipped=1)
    result.stdout.fnmatch_lines(
        [
            "* templates of dags/a.py *",
            "dags/a.py could not be tried: it does not import: ImportError: no\\x1bwhere",
            "*dags/a.py::templates says why",
        ]
    )


@pytest.mark.parametrize(
    ("failure", "dag_ids", "outcome"),
    [
        ("its time ran out", (), "SKIPPED"),
        ("its process ended: `os._exit(3)` ended its process", (), "SKIPPED"),
        ("it does not import: AirflowDagCycleException: x", ("a",), "SKIPPED"),
        ("its time ran out", ("a",), "FAILED"),
    ],
)
def test_import_says_why_only_where_it_is_to_blame(
    written, outcomes, untried, failure, dag_ids, outcome
):
    written(dags__a=DAG)
    untried(failure, dag_ids=dag_ids)

    told = outcomes()

    assert told["dags/a.py::params"] == outcome
    assert told["dags/a.py::templates"] == told["dags/a.py::xcom"] == "SKIPPED"


def test_what_was_found_before_the_end_is_told_first(written, outcomes, untried, fakes):
    written(dags__a=DAG)
    untried("it does not import: X")
    fakes.broken = [finding(Kind.XCOM)]
    fakes.traces = [replace(trace("dags/a.py", *fakes.broken), failure="it does not import: X")]

    told = outcomes()

    assert told["dags/a.py::xcom"] == "FAILED"
    assert told["dags/a.py::params"] == "SKIPPED"


def test_without_hypothesis_they_are_skipped_and_say_how_to_install_it(
    written, pytester, fakes, monkeypatch
):
    written(dags__a=DAG)
    install = "`pip install 'dagproof[[]contracts[]]'`"
    monkeypatch.setattr(nodes, "find_spec", lambda _: None)

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof", "-rs")

    result.assert_outcomes(passed=7, skipped=3)
    result.stdout.fnmatch_lines(
        [f"SKIPPED [[]3[]] dags/a.py:1: Hypothesis is not installed. Install it by {install}."]
    )
    assert [name for name, _ in fakes.asked] == ["lint", "audit"]


def test_refusal_fails_them_with_one_sentence(written, pytester, fakes):
    written(dags__a=DAG)
    fakes.broken = UnavailableError("Airflow is not installed. Install it.")

    result = pytester.runpytest_inprocess(*ALONE, "--dagproof", "-k", "lint or xcom")

    result.assert_outcomes(passed=2, failed=1)
    result.stdout.fnmatch_lines(["* xcom of dags/a.py *", "Airflow is not installed. Inst*"])


# What is asked


@pytest.mark.parametrize(
    ("options", "asked"),
    [
        (["-k", "params"], [("contracts", ["a.py", "b.py"])]),
        (["-k", "lint"], [("lint", [])]),
        (["-k", "import or effects"], [("audit", ["a.py", "b.py"])]),
        (["dags/a.py::lint", "dags/b.py::xcom"], [("lint", ["a.py"]), ("contracts", ["b.py"])]),
        (["dags/a.py::templates", "dagproof::repository::audit"],
         [("contracts", ["a.py"]), ("audit", [])]),
    ],
)  # fmt: skip
def test_only_what_chosen_items_need_is_looked_at(written, outcomes, fakes, options, asked):
    written(dags__a=DAG, dags__b=DAG)
    outcomes(*options)

    assert fakes.asked == asked


@pytest.mark.parametrize(
    ("options", "examples", "seed"),
    [
        ([], 25, 0),
        (["--hypothesis-seed=7"], 25, 7),
        (["--hypothesis-seed=-7"], 25, -7),
        (["--hypothesis-seed=word"], 25, 3287381265),
        (["--hypothesis-profile=dagproof"], 25, 0),
        (["--hypothesis-profile=dagproof-ci"], 100, 0),
        (["--hypothesis-profile=dagproof-ci", "--hypothesis-seed=7"], 100, 7),
        (["--hypothesis-profile=of-mine"], 25, 0),
    ],
)
def test_options_of_hypothesis_say_how_much_is_tried(
    written, pytester, outcomes, fakes, options, examples, seed
):
    written(dags__a=DAG)
    pytester.makeconftest(OPTIONS)
    outcomes("-k", "params", *options)

    assert (fakes.request.examples, fakes.request.seed) == (examples, seed)
