"""What runs after what, whatever stands between."""

import pytest

from dagproof.diffing.comparison import diffs
from dagproof.model import Severity


@pytest.fixture
def edges(dag, task):
    """Return what is told of the order, between states given by who runs after whom."""

    def edges(before, after, rules=None):
        def state(order):
            return dag("x", *(
                task(name, *above, own=name, other=name, more=name,
                     **({"trigger_rule": rules[name]} if rules and name in rules else {}))
                for name, above in order.items()
            ))  # fmt: skip

        found = diffs([state(before)], [state(after)])
        return [
            (one.before, one.after, one.message, one.severity)
            for diff in found for one in diff.changes if one.where == "edges"
        ]  # fmt: skip

    return edges


def test_task_that_no_longer_waits_may_start_too_early(edges):
    assert edges({"a": "", "b": "a"}, {"a": "", "b": ""}) == [
        ("a", "", "`b` no longer runs after `a`", Severity.WARNING)
    ]


def test_task_that_waits_for_more_does_no_harm(edges):
    assert edges({"a": "", "b": ""}, {"a": "", "b": "a"}) == [
        ("", "a", "`b` runs after `a` now", Severity.NOTE)
    ]


def test_order_that_holds_by_way_of_others_is_no_loss(edges):
    assert edges({"a": "", "b": "a", "c": "ab"}, {"a": "", "b": "a", "c": "b"}) == [
        ("a, b", "b", "Right before `c` there is `b` now, in the same order as before",
         Severity.NOTE)
    ]  # fmt: skip


def test_task_right_before_that_was_before_already_is_no_gain(edges):
    assert edges({"a": "", "b": "a", "c": "b"}, {"a": "", "b": "a", "c": "ab"}) == [
        (
            "b",
            "a, b",
            "Right before `c` there is `a`, `b` now, in the same order as before",
            Severity.NOTE,
        )
    ]


def test_new_task_in_between_changes_no_order(edges):
    assert edges({"a": "", "b": "a"}, {"a": "", "new": "a", "b": ["new"]}) == []


def test_task_that_goes_from_in_between_leaves_the_order_or_not(edges):
    before = {"a": "", "m": "a", "c": "m"}
    assert edges(before, {"a": "", "c": "a"}) == []
    assert edges(before, {"a": "", "c": ""}) == [
        ("a", "", "`c` no longer runs after `a`", Severity.WARNING)
    ]


def test_order_that_turns_round_is_told_both_ways(edges):
    assert [one[2] for one in edges({"a": "", "b": "a"}, {"a": "b", "b": ""})] == [
        "`b` no longer runs after `a`", "`a` runs after `b` now",
    ]  # fmt: skip


def test_other_rule_than_all_success_looks_at_who_is_right_before(edges, dag, task):
    def state(*above):
        return dag("x", task("a"), task("b", "a"), task("c", *above, trigger_rule="one_done"))

    [diff] = diffs([state("a", "b")], [state("b")])

    assert diff.changes[0].harm == "`trigger_rule` `one_done` looks at other tasks than before"
    assert diff.changes[0].severity is Severity.NOTE


def test_renamed_task_keeps_its_place(edges, dag, task):
    [diff] = diffs([dag("x", task("load"), task("b", "load"), task("c", "b"))],
                   [dag("x", task("load_all"), task("b", "load_all"), task("c", "b"))])  # fmt: skip

    assert [one.where for one in diff.changes] == ["tasks.load_all"]


def test_many_are_counted(edges):
    above = [f"t{number}" for number in range(6)]
    before = {**dict.fromkeys(above, ""), "z": above}

    assert edges(before, {**before, "z": ""})[0][2] == (
        "`z` no longer runs after `t0`, `t1`, `t2` and 3 others"
    )
