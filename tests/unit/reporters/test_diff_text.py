"""A diff is read from the most harmful line on, and nothing in it is obeyed by a terminal."""

import pytest

from dagproof.model import (
    Comparison,
    DagDiff,
    DagShape,
    Fate,
    Report,
    Severity,
    ShapeChange,
    TaskShape,
)
from dagproof.reporters.diff_text import diff_text, render

OLD = DagShape("taxi", "dags/taxi.py", "@daily", (TaskShape("a"), TaskShape("b")))
NEW = DagShape("taxi", "dags/taxi.py", "@hourly", (TaskShape("a"),))
BASE = Comparison("0123456789abcdef", "origin/main", "`--base`")


def changed(*changes, before=OLD, after=NEW, fate=Fate.CHANGED):
    return DagDiff("taxi", fate, before, after, changes)


def change(message="`x` is `2`, and was `1`", before="1", after="2", **more):
    return ShapeChange("x", before, after, message, **more)


def test_change_is_told_with_what_can_go_wrong():
    harmful = change(severity=Severity.WARNING, harm="It can go wrong")

    assert diff_text(changed(harmful, change())).split("\n") == [
        "taxi (dags/taxi.py) changed",
        "  ! `x` is `2`, and was `1`",
        "      warning: It can go wrong.",
        "  ~ `x` is `2`, and was `1`",
    ]


@pytest.mark.parametrize(
    ("before", "after", "sign"), [("", "2", "+"), ("1", "", "-"), ("1", "2", "~")]
)
def test_sign_says_what_became_of_it(before, after, sign):
    assert diff_text(changed(change(before=before, after=after))).split("\n")[1][2] == sign


def test_good_to_know_is_told_as_a_note():
    assert "      note: Good to know." in diff_text(changed(change(harm="Good to know")))


def test_head_says_what_is_new_or_gone():
    told = ShapeChange("dag_id", "", "taxi", "`taxi` is new")
    alone = DagShape("taxi", "x.py", "", (TaskShape("a"),))

    assert diff_text(changed(told, before=None, fate=Fate.ADDED)) == (
        "taxi (dags/taxi.py) added: 1 task, `@hourly`"
    )
    assert diff_text(changed(told, after=None, fate=Fate.REMOVED)) == (
        "taxi (dags/taxi.py) removed: 2 tasks, `@daily`"
    )
    assert diff_text(changed(told, before=None, after=alone, fate=Fate.ADDED)) == (
        "taxi (x.py) added: 1 task, no schedule"
    )
    assert "is new" in diff_text(changed(told, fate=Fate.RENAMED))


def test_head_says_where_it_was():
    moved = DagShape("taxi", "dags/a/taxi.py")

    assert diff_text(changed(change(), before=moved)).split("\n")[0] == (
        "taxi (dags/taxi.py) changed, was in dags/a/taxi.py"
    )


def test_unknown_shapes_have_no_file():
    assert diff_text(changed(before=None, after=None)) == "taxi changed"
    assert diff_text(changed(before=None, after=None, fate=Fate.ADDED)) == "taxi added"


def test_long_values_are_shown_where_they_begin_to_differ():
    one, other = "x" * 300 + "one" + "y" * 300, "x" * 300 + "two" + "y" * 300
    told = diff_text(changed(change("`sql` has changed", one, other))).split("\n")

    assert told[2] == f"      - …{'x' * 20}one{'y' * 77}…"
    assert told[3] == f"      + …{'x' * 20}two{'y' * 77}…"
    told = diff_text(changed(change("`sql` has changed", "a" * 101, "a" * 102))).split("\n")
    assert told[2:] == [f"      - …{'a' * 20}", f"      + …{'a' * 21}"]
    told = diff_text(changed(change("`sql` has changed", "a`", "b\nc"))).split("\n")
    assert told[2:] == ["      - a`", "      + b\\nc"]


def test_nothing_is_obeyed_by_a_terminal():
    bad = "\x1b[31m"
    shape = DagShape(bad, bad, bad, (TaskShape("a"),))
    told = ShapeChange(bad, bad, bad + "2", f"{bad} has changed", Severity.WARNING, bad)
    diffs = tuple(DagDiff(bad, fate, shape, shape, (told,)) for fate in Fate)

    text = render(Report(diffs=diffs, notes=(bad,), comparison=Comparison(bad, bad)))

    assert "\x1b" not in text
    assert text.isprintable() or all(line.isprintable() for line in text.split("\n"))


def test_sum_says_how_many_and_how_bad():
    bad = change(severity=Severity.ERROR)
    doubtful = change(severity=Severity.WARNING)
    report = Report(
        diffs=(changed(bad, doubtful, doubtful, change()), changed(fate=Fate.REMOVED)),
        comparison=BASE, notes=("Not all is known.",),
    )  # fmt: skip

    assert render(report).endswith(
        "\n\nNot all is known.\n"
        "2 DAGs differ from origin/main (0123456789ab): 1 removed, 1 changed; 1 error, 2 warnings\n"
    )
    assert render(Report(diffs=(changed(change()),))).endswith("\n\n1 DAG differs: 1 changed\n")


def test_nothing_that_differs_where_not_all_is_compared_says_so():
    left = "Not all DAGs of `dags/a.py` are compared."
    assert render(Report(notes=(left,), comparison=BASE)) == (
        f"{left}\nNo DAG that is compared differs from origin/main (0123456789ab)\n"
    )


def test_nothing_that_differs_is_one_line():
    assert render(Report(comparison=BASE)) == "No DAG differs from origin/main (0123456789ab)\n"
    assert render(Report(comparison=Comparison(unknown="x"))) == "No DAG differs\n"
    assert render(Report(comparison=Comparison("0123456789abcdef"))) == (
        "No DAG differs from 0123456789ab\n"
    )
