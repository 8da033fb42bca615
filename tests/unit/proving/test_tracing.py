"""What was said of a file gets its place in the source, and the command that shows it again."""

from pathlib import Path

import pytest

from dagproof.contracts.broken import Broken
from dagproof.import_audit.explorations import Ended, Exploration
from dagproof.import_audit.places import Sources
from dagproof.model import (
    ContractTrace,
    Counterexample,
    Crash,
    Ending,
    ImportFailure,
    ImportTrace,
    Related,
    Span,
)
from dagproof.proving.literals import Literals
from dagproof.proving.tracing import contract_trace, import_is_to_blame

SOURCE = """\
from steps import load

with DAG("etl", params={"month": 1}):
    load("{{ x }}")
    load("{{ x }}")
"""
STEPS = 'def load(month):\n    return month\n\nHELPED = "{{ helped }}"\n'
DAG = Span("dags/a.py", 3, 1, 3, 40)
TASK = Span("dags/a.py", 5, 5, 5, 20)
TRACE = ImportTrace("dags/a.py", dag_ids=("etl",), spans={"etl": DAG})


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags" / "a.py").write_text(SOURCE, "utf-8")
    (tmp_path / "dags" / "steps.py").write_text(STEPS, "utf-8")
    return tmp_path


@pytest.fixture
def traced(root):
    """Return what is known of a file of which this was said."""

    def traced(*records, trace=TRACE, ended=(), complete=True, tasks=None):
        tasks = {("etl", "load"): TASK} if tasks is None else tasks
        told = Exploration(str(root / "dags/a.py"), trace, records, ended, complete, tasks)
        sources = Sources(lambda path: str(Path(path).relative_to(root)))
        return contract_trace(told, sources, Literals())

    return traced


@pytest.fixture
def found(traced):
    """Return the one thing that does not hold."""

    def found(message="It breaks", dag_id="etl", task_id="load", **facts):
        record = Broken("slug", message, dag_id, task_id, **facts).record()
        [one] = traced({"broken": record}).counterexamples
        return one

    return found


def test_file_of_which_nothing_was_said_has_nothing(traced):
    assert traced() == ContractTrace("dags/a.py", ("etl",))


def test_numbers_are_those_that_were_said(traced):
    tried = {"confs": 1, "templates": 2, "values": 3, "seconds": 0.5}

    assert traced({"tried": tried}) == ContractTrace("dags/a.py", ("etl",), (), 1, 2, 3, 0.5)


def test_everything_that_was_said_is_kept(found):
    assert found(field="f", detail="d") == Counterexample(
        "slug", "It breaks", TASK, "etl", "load", "f", None, (), "d"
    )


def test_text_is_pointed_at_nearest_to_its_task(found):
    assert found(text="{{ x }}").span == Span("dags/a.py", 5, 10, 5, 19)


def test_text_that_is_nowhere_leaves_the_task(found):
    assert found(text="{{ y }}").span == TASK


def test_task_that_nobody_saw_leaves_its_dag_and_a_dag_its_file(found):
    assert found(task_id="other").span == DAG
    assert found(dag_id="other").span == Span("dags/a.py", 1, 1, 1, 1)


def test_text_is_looked_for_in_the_file_of_the_task_and_then_in_the_dags(traced):
    inside = Span("dags/steps.py", 2, 1, 2, 5)

    def of(text):
        record = Broken("slug", "m", "etl", "load", text=text).record()
        [one] = traced({"broken": record}, tasks={("etl", "load"): inside}).counterexamples
        return one.span

    assert of("{{ helped }}").path == "dags/steps.py"
    assert of("month") == Span("dags/a.py", 3, 25, 3, 32)


def test_definition_is_pointed_at_where_there_is_no_text(found, root):
    one = found(place=(str(root / "dags/steps.py"), 1), text="{{ y }}")

    assert (one.span, one.related) == (Span("dags/steps.py", 1, 1, 1, 1), ())


def test_definition_is_related_to_the_text(found, root):
    one = found(place=(str(root / "dags/steps.py"), 1), text="{{ x }}")

    assert one.span.line == 5
    assert one.related == (Related(Span("dags/steps.py", 1, 1, 1, 1), "the definition"),)


def test_conf_comes_with_the_command_that_shows_it_again(found):
    one = found(conf={"b": "é 'x'", "a": None}, detail="d")

    assert one.conf == {"b": "é 'x'", "a": None}
    assert one.detail == (
        "d\n$ dagproof contracts dags/a.py --dag etl --task load --conf "
        """'{"a": null, "b": "é '"'"'x'"'"'"}'"""
    )


def test_default_conf_is_a_conf_and_a_dag_has_no_task(found):
    assert found(conf={}, task_id="").detail == (
        "$ dagproof contracts dags/a.py --dag etl --conf '{}'"
    )


@pytest.mark.parametrize(
    ("begun", "how", "offence", "message"),
    [
        (
            ("load", "{{ x }}"),
            "SIGSEGV",
            "broken-template",
            "A template of task `load` ends the process: SIGSEGV",
        ),
        (
            ("load", "{{ x }}"),
            "SIGVTALRM",
            "broken-template",
            "A template of task `load` does not end",
        ),
        (
            ("load", "{{ x }}"),
            "timeout",
            "broken-template",
            "A template of task `load` was begun, and the time of the file ran out",
        ),
        (
            ("load", ""),
            "exit code 3",
            "unproved-contract",
            "What task `load` calls and returns ends the process: exit code 3",
        ),
        (
            ("", ""),
            "timeout",
            "unproved-contract",
            "What the Params allow was begun, and the time of the file ran out",
        ),
    ],
)
def test_thing_that_ended_the_process_is_told(traced, begun, how, offence, message):
    [one] = traced(ended=[Ended(("etl", *begun), how)]).counterexamples

    assert (one.offence, one.message, one.dag_id, one.task_id) == (
        offence, message, "etl", begun[0],
    )  # fmt: skip


def test_template_that_ended_the_process_is_pointed_at(traced):
    def of(task_id, source):
        [one] = traced(ended=[Ended(("etl", task_id, source), "SIGSEGV")]).counterexamples
        return one.span

    assert of("load", "{{ x }}") == Span("dags/a.py", 5, 10, 5, 19)
    assert of("load", "{{ y }}") == TASK
    assert of("load", "") == TASK
    assert of("", "") == DAG


def test_what_did_not_hold_comes_before_what_ended_the_process(traced):
    record = Broken("slug", "m", "etl", "load").record()
    told = traced({"broken": record}, ended=[Ended(("etl", "load", "{{ x }}"), "SIGSEGV")])

    assert [one.offence for one in told.counterexamples] == ["slug", "broken-template"]


FAILED = ImportTrace("dags/a.py", errors=(ImportFailure("KeyError", "k\nl", "", DAG),))


@pytest.mark.parametrize(
    ("facts", "failure"),
    [
        ({}, ""),
        ({"trace": FAILED}, "it does not import: KeyError: k"),
        ({"trace": FAILED, "complete": False}, "it does not import: KeyError: k"),
        ({"ended": [Ended(("a", "b", "c"), "SIGSEGV")]}, ""),
        (
            {"ended": [Ended(("a", "b", "c"), "SIGSEGV")], "complete": False},
            "its process ended 1 time, and the rest of it was not tried",
        ),
        (
            {"ended": [Ended(("a", "b", "c"), "SIGSEGV")] * 4, "complete": False},
            "its process ended 4 times, and the rest of it was not tried",
        ),
        (
            {"trace": ImportTrace("dags/a.py", Ending.TIMED_OUT), "complete": False},
            "its time ran out",
        ),
        (
            {
                "trace": ImportTrace(
                    "dags/a.py", Ending.CRASHED, crash=Crash("signal SIGSEGV", DAG)
                ),
                "complete": False,
            },
            "its process ended: signal SIGSEGV",
        ),
        ({"trace": ImportTrace("dags/a.py"), "complete": False}, "its process ended"),
    ],
)
def test_file_that_was_not_tried_to_its_end_says_why(traced, facts, failure):
    assert traced(**facts).failure == failure


@pytest.mark.parametrize(
    ("failure", "dag_ids", "blamed"),
    [
        ("", (), False),
        ("", ("etl",), False),
        ("it does not import: KeyError: k", ("etl",), True),
        ("its time ran out", (), True),
        ("its time ran out", ("etl",), False),
    ],
)
def test_import_is_to_blame_where_there_is_none_or_not_all_of_it(failure, dag_ids, blamed):
    assert import_is_to_blame(ContractTrace("a.py", dag_ids, failure=failure)) is blamed
