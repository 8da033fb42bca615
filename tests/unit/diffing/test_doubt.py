"""Only DAGs are compared of which it is known what they are, or that they are not there."""

import pytest

from dagproof.audit.against import Before
from dagproof.diffing.composition import differing
from dagproof.model import DagShape, Difference, Ending, ImportTrace, TaskShape


def trace(path, *ids, ending=Ending.IMPORTED, unshaped=(), **more):
    dags = tuple(DagShape(one, path, tasks=(TaskShape("t"),)) for one in ids)
    return ImportTrace(path, ending, dag_ids=tuple(sorted((*ids, *unshaped))), dags=dags, **more)


def compared(before, now):
    told = differing(Before(traces=tuple(before)), now)
    return {one.dag_id: one.fate for one in told.diffs}, told.notes


def test_dag_is_gone_when_its_file_is_or_makes_it_no_more():
    assert compared([trace("a.py", "x"), trace("b.py", "y")], [trace("a.py")]) == (
        {"x": "removed", "y": "removed"}, (),
    )  # fmt: skip


@pytest.mark.parametrize("ending", [Ending.FAILED, Ending.CRASHED, Ending.TIMED_OUT])
def test_dag_of_a_file_that_fails_now_is_not_gone(ending):
    fates, notes = compared([trace("a.py", "x")], [trace("a.py", ending=ending)])

    assert fates == {}
    assert notes == (
        "Not all DAGs of `a.py` are compared: they fail to import, or to be serialized.",
    )


def test_dag_of_a_file_that_failed_then_is_not_new():
    fates, notes = compared([trace("a.py", ending=Ending.FAILED)], [trace("a.py", "x")])

    assert fates == {}
    assert notes == (
        (
            "Not all DAGs of `a.py` are compared: they failed to import at the base, or to be "
            "serialized."
        ),
    )


def test_file_that_fails_in_both_states_is_told_once():
    fates, notes = compared(*[[trace("a.py", ending=Ending.FAILED)]] * 2)

    assert fates == {}
    assert notes == (
        (
            "Not all DAGs of `a.py` are compared: they fail to import, or to be serialized, as "
            "they did at the base."
        ),
    )


def test_dag_that_cannot_be_serialized_is_not_gone_and_others_of_its_file_are_compared():
    fates, notes = compared(
        [trace("a.py", "x", "y")], [trace("a.py", "z", unshaped=["x"]), trace("b.py", "y")]
    )

    assert fates == {"z": "added"}
    assert len(notes) == 1


def test_dag_whose_file_is_gone_may_be_in_a_new_one_that_fails():
    failing = trace("new.py", ending=Ending.FAILED)

    assert compared([trace("a.py", "x")], [failing])[0] == {}
    assert compared([trace("a.py", "x"), trace("new.py", ending=Ending.FAILED)], [failing])[0] == {
        "x": "removed"
    }
    assert compared([trace("was.py", ending=Ending.FAILED)], [trace("a.py", "x")])[0] == {}


def test_dag_of_a_failing_file_that_is_elsewhere_is_compared():
    moved = trace("b.py", "x")

    assert compared([trace("a.py", "x")], [trace("a.py", ending=Ending.FAILED), moved])[0] == {}
    assert compared([], [moved, trace("a.py", ending=Ending.FAILED)])[0] == {"x": "added"}


def test_file_that_airflow_skips_is_no_doubt():
    skipped = trace("a.py", skipped="safe-mode", ending=Ending.FAILED)

    assert compared([trace("a.py", "x")], [skipped]) == (
        {"x": "removed"}, (),
    )  # fmt: skip


def test_many_files_are_counted():
    failing = [trace(f"{number}.py", ending=Ending.FAILED) for number in range(5)]

    assert compared([], failing)[1][0].startswith(
        "Not all DAGs of `0.py`, `1.py`, `2.py` and 2 others are compared"
    )


def test_number_of_files_is_that_of_both_states():
    told = differing(Before(traces=(trace("a.py"), trace("b.py"))), [trace("b.py"), trace("c.py")])

    assert told.files == 3
    assert len(told.before.traces) == 2


# What differs from import to import


def varying(where, dag_id="x", **more):
    return trace("a.py", "x", differences=(Difference(dag_id, where, "1", "2"),), **more)


@pytest.mark.parametrize(
    ("where", "fields", "name"),
    [
        ("start_date", {"start_date": "2024"}, "x.start_date"),
        ("timetable.expression", {}, "x.schedule"),
        ("params[0][1].default", {}, "x.params"),
        ("tasks.g.t.op_kwargs.x", {}, "x.g.t.op_kwargs"),
        ("tasks.g.t.partial_kwargs.op_kwargs.x", {}, "x.g.t.op_kwargs"),
        ("tasks.g.t.expand_input.value", {}, "x.g.t.expand"),
        ("tasks.g.t.python_callable_name", {}, "x.g.t.python_callable"),
    ],
)
def test_place_that_varies_by_itself_is_not_compared(where, fields, name):
    def state(text, **more):
        said = dict.fromkeys(("op_kwargs", "expand", "python_callable"), text)
        tasks = (TaskShape("g.t", fields=said), TaskShape("g", fields=said))
        dag = DagShape("x", "a.py", text, tasks, {"p": text}, {"start_date": text, "tags": "same"})
        return ImportTrace("a.py", dag_ids=("x",), dags=(dag,), **more)

    varies = (Difference("x", where, "1", "2"),)
    without = differing(Before(traces=(state("1"),)), [state("2")]).diffs[0].changes
    told = differing(Before(traces=(state("1"),)), [state("2", differences=varies)])
    then = differing(Before(traces=(state("1", differences=varies),)), [state("2")])

    assert told.diffs == then.diffs
    left = {one.where for one in without} - {one.where for one in told.diffs[0].changes}
    assert len(left) == 1
    assert told.notes == (f"Not compared, since it differs from import to import: `{name}`.",)


def test_longest_id_is_the_task_that_varies():
    """Ids may be the beginning of others: `g.t.op` is a field of `g.t`, not of `g`."""

    def state(text, **more):
        tasks = (TaskShape("g", fields={"t": text}), TaskShape("g.t", fields={"op": text}))
        dags = (DagShape("x", "a.py", tasks=tasks),)
        return ImportTrace("a.py", dag_ids=("x",), dags=dags, **more)

    varies = (Difference("x", "tasks.g.t.op", "1", "2"),)
    told = differing(Before(traces=(state("1"),)), [state("2", differences=varies)])

    assert [one.where for one in told.diffs[0].changes] == ["tasks.g.t"]
    assert told.diffs[0].changes[0].message == "`t` of `g` is `2`, and was `1`"


def test_what_varies_is_told_of_dags_that_are_compared_alone():
    assert compared([], [varying("start_date")]) == ({"x": "added"}, ())
    assert compared([trace("a.py", "x")], [varying("start_date")])[1] != ()
    assert compared([trace("a.py", "x")], [varying("the import", dag_id="")]) == ({}, ())
    assert compared([trace("a.py", "x")], [varying("the DAG", dag_id="other")]) == ({}, ())
