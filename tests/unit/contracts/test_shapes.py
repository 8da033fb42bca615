"""The values that are really sent for a Param."""

import json

import pytest

from dagproof.airflow_compat.params import DeclaredParam
from dagproof.contracts.schemas import allows
from dagproof.contracts.shapes import LONG, MISSING, shapes


def sent(schema):
    return [one.value for one in shapes(DeclaredParam("a", schema))]


def words(schema, value):
    return next(
        one.words
        for one in shapes(DeclaredParam("a", schema))
        if (type(one.value), one.value) == (type(value), value)
    )


@pytest.mark.parametrize("kind", ["integer", "number", "string", "boolean", "array", "object"])
def test_every_param_is_also_left_out_and_emptied(kind):
    assert sent({"type": kind})[:2] == [MISSING, None]
    assert words({"type": kind}, None) == "null, as the form sends it for a field that was emptied"


def test_numbers_come_as_text_too():
    assert {"5", "007", "1e5", " 5", ""} <= {
        one for one in sent({"type": "integer"}) if isinstance(one, str)
    }


def test_whole_numbers_come_as_floats_which_the_schema_allows():
    floats = [one for one in sent({"type": "integer"}) if type(one) is float]
    assert floats == [5.0, 1e5, 5.5]
    assert [allows({"type": "integer"}, one) for one in floats] == [True, True, False]
    assert not [one for one in sent({"type": "number"}) if type(one) is float]


@pytest.mark.parametrize(
    ("rules", "inside", "outside"),
    [
        ({"minimum": 1}, 1, 0),
        ({"maximum": 12}, 12, 13),
        ({"exclusiveMinimum": 1}, 2, 1),
        ({"exclusiveMaximum": 12}, 11, 12),
    ],
)
def test_ranges_are_left_by_one(rules, inside, outside):
    schema = {"type": "integer", **rules}
    assert {inside, outside} <= {one for one in sent(schema) if type(one) is int}
    assert allows(schema, inside)
    assert not allows(schema, outside)


def test_lengths_are_left_by_one():
    lengths = {
        len(one)
        for one in sent({"type": "string", "minLength": 3, "maxLength": 50})
        if isinstance(one, str)
    }
    assert {2, 50, 51, LONG} <= lengths
    items = [len(one) for one in sent({"type": "array", "minItems": 2, "maxItems": 4}) if
             isinstance(one, list)]  # fmt: skip
    assert {1, 5} <= set(items)


def test_huge_bounds_make_no_huge_values():
    for schema in (
        {"type": "string", "minLength": 10**12, "maxLength": 10**12},
        {"type": "array", "minItems": 10**12, "maxItems": 10**12},
        {"type": "number", "minimum": float("inf")},
    ):
        assert all(len(str(one)) <= LONG + 10 for one in sent(schema))


def test_booleans_come_as_words():
    assert {"True", "true", "False"} <= {
        one for one in sent({"type": "boolean"}) if isinstance(one, str)
    }


def test_texts_come_from_the_world_with_braces_quotes_and_breaks():
    texts = [one for one in sent({"type": "string"}) if isinstance(one, str)]
    together = "".join(texts)
    for part in ("\U0001f600", "e\u0301", "\u05e9", "\n", "{{", "{%", "'", '"', "; rm"):
        assert part in together
    assert max(map(len, texts)) == LONG


def test_times_come_as_the_form_of_each_version_sends_them():
    assert {"23:59", "23:59:00"} <= set(map(str, sent({"type": "string", "format": "time"})))
    moments = set(map(str, sent({"type": "string", "format": "date-time"})))
    assert "2024-02-29T23:59:00.000Z" in moments


def test_choice_that_is_not_listed_is_sent():
    assert "no such choice" in sent({"enum": ["a"]})
    assert "no such choice" not in sent({"type": "string"})


def test_param_without_a_type_gets_the_shapes_of_all_types():
    alike = [json.dumps(one) for one in sent({}) if one is not MISSING]
    for kind in ("integer", "string", "boolean", "array", "object"):
        for one in sent({"type": kind}):
            assert one is MISSING or json.dumps(one) in alike


def test_type_of_nullable_params_is_that_of_the_other():
    assert "True" in sent({"type": ["null", "boolean"]})
    assert "007" not in sent({"type": ["null", "boolean"]})


def test_schema_that_is_no_object_has_the_shapes_of_one_without_a_type():
    for schema in (True, None):
        assert sent(schema) == sent({})
