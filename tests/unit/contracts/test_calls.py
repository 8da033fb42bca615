"""Callables that may be called are called with what templates give them, and must not raise."""

import contextlib
import functools
import time

import pytest
from casting import faults, outcome, place_of, text, whats
from jinja2 import UndefinedError

from dagproof.airflow_compat.alarms import alarms
from dagproof.airflow_compat.stand_in import StandIn
from dagproof.contracts.casts import Callables, CastFault


class AirflowSkipException(Exception):  # noqa: N818 - Airflow calls it so
    """Named as the one of Airflow."""


def divide(month):
    return 12 // int(month)


def test_callable_that_may_be_called_is_called_and_told_with_what_it_was_given(callables):
    assert faults(callables(pure=True), divide, month=text("0")) == [
        CastFault(
            "",
            "{{ month }}",
            "fails, as its templates give `'0'` to `divide()`,",
            "ZeroDivisionError: integer division or modulo by zero",
            place_of(divide),
        )
    ]
    assert faults(callables(pure=True), divide, month=text("1")) == []


def test_callable_is_not_called_where_nobody_said_that_it_may_be(callables):
    known = callables()

    assert faults(known, divide, month=text("0")) == []
    assert known.begun == []


def test_callable_that_is_called_is_told_before_and_left_out_where_it_ended_the_process(callables):
    known = callables(pure=True)
    ended = callables(pure=True, may_begin=False)

    assert len(faults(known, divide, month=text("0"))) == 1
    assert faults(ended, divide, month=text("0")) == []
    assert (known.begun, ended.begun) == (["load"], ["load"])


def test_callable_is_not_called_with_a_text_that_a_stand_in_had_a_part_in(callables):
    known = callables(pure=True)
    given = (outcome(text("0"), "{{ month }}", unknown=True),)

    assert faults(known, divide, month=text("0"), outcomes=given) == []
    assert known.begun == []


def test_task_is_asked_for_by_its_id():
    asked = []
    known = Callables(
        lambda task_id: asked.append(task_id) or False, 1.0, lambda _: True, lambda *_: None
    )
    faults(known, divide, month=text("0"))

    assert asked == ["load"]


def test_comment_on_the_line_of_a_def_or_before_it_lets_it_be_called(callables):
    def on_it(month):  # dagproof: pure
        return 12 // int(month)

    # dagproof: pure  # noqa: ERA001
    def before_it(month):
        return 12 // int(month)

    # dagproof: pure, as it only divides
    @functools.lru_cache
    def decorated(month):
        return 12 // int(month)

    @functools.lru_cache  # dagproof: pure
    def on_its_decorator(month):
        return 12 // int(month)

    def text_alone(month):
        """Say dagproof: pure."""
        return 12 // int(month)

    def inside(month):
        # dagproof: pure  # noqa: ERA001
        return 12 // int(month)

    for marked in (on_it, before_it, decorated, on_its_decorator):
        assert len(faults(callables(), marked, month=text("0"))) == 1, marked.__name__
    for other in (text_alone, inside, len):
        assert faults(callables(), other, month=text("0")) == []


def test_several_values_are_told(callables):
    def load(a, b):
        return a / b

    [one] = faults(callables(pure=True), load, text("1"), b=text("2"))

    assert one.what == "fails, as its templates give `'1'`, `'2'` to `load()`,"
    assert one.source == "{{ 0 }}"


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ValueError("no\nat all"), ["ValueError: no"]),
        (ValueError(), ["ValueError"]),
        (AirflowSkipException("not today"), []),
        (SystemExit(3), ["SystemExit: 3"]),
    ],
)
def test_error_is_told_in_one_line_and_a_skip_is_fine(callables, error, why):
    def load(month):
        raise error

    assert [one.why for one in faults(callables(pure=True), load, month=text("5"))] == why


def test_callable_that_does_not_end_is_interrupted(callables):
    def load(month):
        while True:
            time.sleep(0.001)

    with alarms():
        assert whats(callables(pure=True, seconds=0.05), load, month=text("5")) == [
            "calls `load()`, which does not end"
        ]
        time.sleep(0.1)  # no alarm is left


def test_callable_that_catches_all_is_interrupted_all_the_same(callables):
    def load(month):
        with contextlib.suppress(BaseException):
            time.sleep(10)
        time.sleep(10)

    with alarms():
        assert len(whats(callables(pure=True, seconds=0.05), load, month=text("5"))) == 1


def test_callable_that_ends_leaves_no_alarm(callables):
    with alarms():
        assert whats(callables(pure=True, seconds=0.05), divide, month=text("5")) == []
        time.sleep(0.1)


@pytest.mark.parametrize(
    "given",
    [
        {"outcomes": ()},
        {"error": RuntimeError("no")},
        {"outcomes": (outcome("0", error=UndefinedError("no")),)},
        {"other": StandIn("xcom.a")},
        {"other": [{"a": (StandIn("xcom.a"),)}]},
        {"other": type("LazyXComSequence", (), {})()},
    ],
)
def test_callable_is_not_called_with_what_it_will_not_get(callables, given):
    called = []

    def load(month, other=None):
        called.append(month)

    faults(callables(pure=True), load, month=text("0"), **given)

    assert called == []


def test_callable_is_not_called_with_an_argument_that_it_cannot_take(callables):
    def load(month: int):
        raise AssertionError

    assert whats(callables(pure=True), load, month=text("5")) == [
        "gives `'5'` for `month: int` of `load()`"
    ]


def test_arguments_that_refer_to_themselves_are_searched_to_an_end(callables):
    called = []

    def load(month, other):
        called.append(month)

    endless = []
    endless.append(endless)
    outcomes = (outcome("5"),)
    faults(callables(pure=True), load, "5", endless, outcomes=outcomes)

    assert called == ["5"]
