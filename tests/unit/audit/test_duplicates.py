"""A DAG id that an earlier file has is refused, as Airflow refuses it."""

from dagproof.audit.duplicates import with_duplicates
from dagproof.model import Ending, ImportFailure, ImportTrace, Span

HERE = Span("b.py", 7, 1, 7, 9)


def test_first_file_keeps_the_dag_and_later_ones_fail_where_they_make_it():
    first = ImportTrace("a.py", dag_ids=("one", "two"))
    second = ImportTrace("b.py", dag_ids=("one", "three"), spans={"one": HERE})

    kept, told = with_duplicates([first, second])

    assert kept is first
    assert (told.ending, told.dag_ids) == (Ending.FAILED, ("three",))
    [error] = told.errors
    assert error.type == "AirflowDagDuplicatedIdException"
    assert error.message == "Ignoring DAG one from b.py - also found in a.py"
    assert error.traceback == f"{error.type}: {error.message}"
    assert error.span == HERE


def test_place_that_nobody_saw_is_the_beginning_of_the_file():
    traces = [ImportTrace(name, dag_ids=("x",)) for name in ("a.py", "b.py")]

    assert with_duplicates(traces)[1].errors[0].span == Span("b.py", 1, 1, 1, 1)


def test_third_file_is_told_of_the_first_and_not_of_the_second():
    traces = [ImportTrace(name, dag_ids=("x",)) for name in ("a.py", "b.py", "c.py")]

    told = with_duplicates(traces)

    assert [one.dag_ids for one in told] == [("x",), (), ()]
    assert told[2].errors[0].message.endswith("also found in a.py")


def test_every_dag_that_is_taken_is_an_error_after_those_that_were_there():
    before = ImportFailure("KeyError", "x", "KeyError: x", HERE)
    first = ImportTrace("a.py", dag_ids=("x", "y"))
    second = ImportTrace("b.py", dag_ids=("x", "y"), errors=(before,))

    errors = with_duplicates([first, second])[1].errors

    assert errors[0] is before
    assert [error.message.split()[2] for error in errors[1:]] == ["x", "y"]


def test_file_that_airflow_never_imports_neither_takes_an_id_nor_loses_one():
    skipped = ImportTrace("a.py", dag_ids=("x",), skipped="safe-mode")
    first = ImportTrace("b.py", dag_ids=("x",))
    late = ImportTrace("c.py", dag_ids=("x",), skipped=".airflowignore")

    assert with_duplicates([skipped, first, late]) == (skipped, first, late)


def test_files_that_share_nothing_are_as_they_were():
    traces = [ImportTrace("a.py", dag_ids=("x",)), ImportTrace("b.py"),
              ImportTrace("c.py", dag_ids=("y",))]  # fmt: skip

    assert all(one is other for one, other in zip(with_duplicates(traces), traces, strict=True))
