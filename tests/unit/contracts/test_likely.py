"""Which confs somebody may really send."""

import pytest

from dagproof.airflow_compat.params import NO_DEFAULT, DeclaredParam
from dagproof.contracts.likely import is_likely


def likely(default, value, **schema):
    return is_likely([DeclaredParam("x", schema, default)], {"x": value})


@pytest.mark.parametrize(
    ("default", "value"),
    [(5, 7), (5, 7.5), (0.5, 3), (5, "007"), (5, " 5"), (0.5, "2"), (True, False), ("a", ""),
     ([], [1]), ({}, {"a": 1}), (None, [1]), (None, None)],
)  # fmt: skip
def test_value_of_the_kind_of_the_default_is_likely(default, value):
    assert likely(default, value)


@pytest.mark.parametrize(
    ("default", "value"),
    [(5, None), (5, True), (5, []), (5, "five"), (5, ""), (0.5, False), (True, 1), (True, "1"),
     (True, "5"), ("a", None), ("a", 5), ([], {}), ({}, []), ([], None)],
)  # fmt: skip
def test_value_of_another_kind_is_not(default, value):
    assert not likely(default, value)


@pytest.mark.parametrize(
    "schema", [{"type": ["integer", "null"]}, {"enum": [5, None]}, {"anyOf": []}]
)
def test_schema_that_says_what_it_takes_is_believed(schema):
    assert likely(5, None, **schema)


def test_title_and_description_say_nothing_of_values():
    assert not likely(5, None, title="Year", description="Of the trips")


def test_param_without_a_default_takes_anything():
    assert likely(NO_DEFAULT, None)


def test_keys_that_are_left_out_or_unknown_are_likely():
    params = [DeclaredParam("x", {}, 5)]

    assert is_likely(params, {})
    assert is_likely(params, {"y": None})
    assert not is_likely([*params, DeclaredParam("y", {}, 5)], {"x": 1, "y": None})


@pytest.mark.parametrize("kinds", ["integer", ["integer", "null"], ("null", "integer")])
def test_whole_float_for_an_integer_is_not(kinds):
    assert not likely(5, 5.0, type=kinds)
    assert not is_likely([DeclaredParam("x", {"type": kinds})], {"x": 1e5})
    assert likely(5, 6, type=kinds)


@pytest.mark.parametrize("kinds", ["number", ["integer", "number"], None, {}])
def test_float_is_likely_where_it_is_wanted(kinds):
    assert likely(5, 5.0, type=kinds)
