"""Values of any class become what JSON can hold."""

import json
import math

import pytest

from dagproof.reporters.values import plain_value, shown


class Odd:
    """Its texts fail."""

    def __repr__(self):
        raise ValueError("no")

    def __str__(self):
        raise ValueError("no")

    __hash__ = object.__hash__


class Number(int):
    """A number of a user's own."""


class Text(str):
    """A text of a user's own."""

    __slots__ = ()


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        (None, None),
        (True, True),
        (1.5, 1.5),
        (math.inf, "inf"),
        ((1, [2]), [1, [2]]),
        ({1: {"a": b"x"}}, {"1": {"a": "b'x'"}}),
        (Odd(), "<Odd without a repr: ValueError>"),
        ({Odd(): 1}, {"<Odd without a repr: ValueError>": 1}),
    ],
)
def test_value_is_told(value, plain):
    assert plain_value(value) == plain


@pytest.mark.parametrize("value", [Number(3), Text("x")])
def test_subclasses_become_what_they_extend(value):
    assert type(plain_value(value)) is type(value).__mro__[1]


def test_value_that_holds_itself_ends():
    value: dict = {"a": 1}
    value["self"] = [value, value]

    assert plain_value(value) == {"a": 1, "self": ["…", "…"]}


def test_same_part_twice_is_told_twice():
    part = [1]

    assert plain_value([part, part]) == [[1], [1]]


def test_nesting_ends_at_a_hundred():
    value: object = "end"
    for _ in range(2_000):
        value = [value]

    text = json.dumps(plain_value(value))

    assert text == "[" * 100 + '"\\u2026"' + "]" * 100


def test_repr_is_shown():
    assert shown({"a": 1}) == "{'a': 1}"
