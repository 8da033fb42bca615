"""Confs are made from schemas: all allowed, the smallest first, the same for a seed."""

import json
import subprocess
import sys
import urllib.request
from unittest import mock

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dagproof.airflow_compat.params import DeclaredParam
from dagproof.contracts.confs import (
    UnusableSchemaError,
    conf_strategy,
    default_trouble,
    generated,
    smallest_value,
    trouble,
)
from dagproof.contracts.params_hold import cases
from dagproof.contracts.schemas import allows, objection
from dagproof.contracts.texts import MOST_CHARACTERS
from dagproof.contracts.values import MOST_ITEMS, values

TREE = {
    "type": "object",
    "properties": {"name": {"type": "string"}, "children": {"items": {"$ref": "#"}, "maxItems": 2}},
    "required": ["name"],
    "additionalProperties": False,
}
DRAFT_4 = "http://json-schema.org/draft-04/schema#"

SCHEMAS = [
    True,
    {},
    {"title": "anything", "examples": [1]},
    {"type": "null"},
    {"type": "boolean"},
    {"type": "integer"},
    {"type": "integer", "minimum": 1, "maximum": 12},
    {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 5},
    {"type": "integer", "exclusiveMinimum": 2.5, "maximum": 3.5},
    {"type": "integer", "multipleOf": 7, "minimum": 8, "maximum": 15},
    {"type": "integer", "minimum": 2**60 + 1, "maximum": 2**60 + 8, "multipleOf": 8},
    {"type": "integer", "minimum": -(2**70), "exclusiveMaximum": -(2**70) + 1},
    {"type": "number", "minimum": 0.1, "maximum": 0.2},
    {"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1},
    {"type": "number", "multipleOf": 0.25, "maximum": 10, "minimum": -10},
    {"type": "number", "minimum": 0.5, "maximum": 0.5},
    {"type": ["null", "string"]},
    {"type": ["string", "integer"], "minimum": 3, "maxLength": 2},
    {"minimum": 3},
    {"type": "string", "minLength": 3, "maxLength": 4},
    {"type": "string", "minLength": 500},
    {"type": "string", "minLength": 500, "maxLength": 500},
    {"type": "string", "maxLength": 0},
    {"type": "string", "pattern": "^[a-z]{2}-\\d{4}$"},
    {"type": "string", "pattern": "\u0434\u0430"},
    {"type": "string", "pattern": "^a", "maxLength": 5},
    *({"type": "string", "format": one} for one in ("date", "date-time", "time", "email", "ipv4")),
    *({"type": "string", "format": one} for one in ("ipv6", "uuid", "regex", "multiline")),
    *({"type": "string", "format": one} for one in ("duration", "json-pointer", "idn-email")),
    {"type": "string", "format": "date", "maxLength": 10},
    {"enum": ["a", 1, None, {"b": [1]}]},
    {"type": "integer", "enum": ["a", 4]},
    {"const": {"a": 1}},
    {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 3},
    {"type": "array", "items": {"enum": [1, 1.0, True, "1"]}, "uniqueItems": True, "minItems": 3},
    {"type": "array", "items": {"type": "string"}, "minItems": 300},
    {"type": "array", "contains": {"const": 3}, "items": {"type": "integer"}},
    {"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}},
    {"type": "array", "prefixItems": [{"type": "string"}], "items": False, "minItems": 1},
    {"type": "array", "items": False},
    {"type": "array", "items": {"enum": []}},
    {"type": "object", "additionalProperties": {"type": "integer"}},
    {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a", "b"]},
    {"type": "object", "properties": {"a": False, "b": True}, "additionalProperties": False},
    {"type": "object", "patternProperties": {"^x_": {"type": "integer"}}, "minProperties": 2},
    {"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}, "minProperties": 1},
    {"anyOf": [{"type": "integer"}, {"type": "string", "maxLength": 2}]},
    {"type": "string", "oneOf": [{"maxLength": 3}, {"pattern": "^zz"}]},
    {"allOf": [{"type": "integer"}, {"minimum": 3}, {"maximum": 4}]},
    {
        "allOf": [
            {"properties": {"a": {"type": "null"}}, "additionalProperties": False},
            {"properties": {"b": {}}, "required": ["a"], "type": "object"},
        ]
    },
    {"if": {"type": "integer"}, "then": {"minimum": 3}, "else": {"type": "string"}},
    {"not": {"type": "string"}},
    {"type": "integer", "not": {"const": 0}},
    {"$defs": {"day": {"type": "integer", "minimum": 1}}, "$ref": "#/$defs/day"},
    {"$defs": {"day": {"type": "integer"}}, "$ref": "#/$defs/day", "minimum": 5},
    {"definitions": {"a/b": {"const": 5}}, "$ref": "#/definitions/a~1b"},
    TREE,
    {"$schema": DRAFT_4, "type": "integer", "minimum": 3, "exclusiveMinimum": True},
    {"$schema": DRAFT_4, "type": "array", "items": [{"type": "string"}], "minItems": 1},
]


def shown(schema):
    return json.dumps(schema)[:60]


@pytest.mark.parametrize("schema", SCHEMAS, ids=shown)
def test_every_generated_value_is_allowed_and_is_json(schema):
    assert trouble(schema) is None
    made = generated(values(schema), 30, 7)
    assert made
    for value in made:
        assert allows(schema, value)
        assert json.loads(json.dumps(value, allow_nan=False)) == value


@pytest.mark.parametrize(
    ("schema", "smallest"),
    [
        ({"type": "integer", "minimum": 3}, 3),
        ({"type": "integer", "maximum": 5}, 0),
        ({"type": "integer", "exclusiveMinimum": 3}, 4),
        ({"type": "integer", "minimum": 8, "multipleOf": 7}, 14),
        ({"type": "number"}, 0),
        ({"type": "string"}, ""),
        ({"type": "string", "minLength": 2}, "00"),
        ({"type": ["null", "string"]}, None),
        ({"enum": ["b", "a"]}, "b"),
        ({"type": "array", "items": {"type": "integer"}}, []),
        ({"type": "object"}, {}),
        (TREE, {"name": ""}),
        ({"type": "string", "format": "date"}, "2000-01-01"),
    ],
    ids=shown,
)
def test_smallest_value_is_drawn_first(schema, smallest):
    assert smallest_value(schema) == smallest


def test_ends_of_a_range_are_reached_and_not_passed():
    schema = {"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 6}
    assert set(generated(values(schema), 50, 0)) == {4, 5}


def test_multiples_of_large_numbers_are_exact():
    schema = {"type": "integer", "minimum": 2**60 + 1, "maximum": 2**60 + 8, "multipleOf": 8}
    assert generated(values(schema), 5, 0) == [2**60 + 8]


def test_param_with_a_good_default_may_be_left_out():
    params = [DeclaredParam("a", {"type": "integer"}, 1), DeclaredParam("b", {"type": "integer"})]
    confs = generated(conf_strategy(params), 40, 0)
    assert confs[0] == {"b": 0}
    assert any("a" in conf for conf in confs)
    assert all("b" in conf for conf in confs)


def test_param_whose_default_is_rejected_is_always_given():
    confs = generated(conf_strategy([DeclaredParam("a", {"type": "integer"}, "1")]), 20, 0)
    assert all(type(conf["a"]) is int for conf in confs)


def test_param_without_examples_is_left_out_where_it_has_a_good_default():
    least = MOST_CHARACTERS + 1
    schema = {"type": "string", "minLength": least}
    params = [DeclaredParam("a", schema, "x" * least), DeclaredParam("b", {"enum": [1]})]
    assert {*map(str, generated(conf_strategy(params), 5, 0))} == {"{'b': 1}"}


def test_required_param_without_examples_is_refused_by_name():
    huge = {"type": "string", "minLength": 10**9}
    with pytest.raises(UnusableSchemaError, match="the Param `a` gives no example"):
        conf_strategy([DeclaredParam("a", huge)])


def test_default_does_not_save_a_schema_that_is_none():
    with pytest.raises(UnusableSchemaError, match="is not a JSON schema"):
        conf_strategy([DeclaredParam("a", {"type": "intger"}, 5)])


def test_same_seed_gives_the_same_confs_and_another_gives_others():
    params = [DeclaredParam(name, {"type": "string"}) for name in "abc"]
    first, again, other = (generated(conf_strategy(params), 30, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other


def test_confs_do_not_differ_with_the_modules_that_are_loaded(tmp_path, monkeypatch):
    params = [DeclaredParam("a", {"type": "integer"})]
    before = generated(conf_strategy(params), 60, 3)
    numbers = ", ".join(str(number) for number in range(770_000, 771_000))
    (tmp_path / "full_of_constants.py").write_text(f"VALUES = [{numbers}]\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "full_of_constants", raising=False)
    __import__("full_of_constants")
    assert generated(conf_strategy(params), 60, 3) == before


def test_counterexample_is_shrunk_to_the_smallest_conf():
    params = [
        DeclaredParam("month", {"type": "integer", "minimum": 1, "maximum": 12}, 1),
        DeclaredParam("name", {"type": "string"}, ""),
    ]
    failing = []

    @settings(database=None, derandomize=True, max_examples=300)
    @given(conf_strategy(params))
    def try_one(conf):
        if conf.get("month", 1) > 9:
            failing.append(conf)
            raise ArithmeticError

    with pytest.raises(ArithmeticError):
        try_one()
    assert failing[-1] == {"month": 10}


@pytest.mark.parametrize(
    ("schema", "clause"),
    [
        ({"type": "intger"}, "is not a JSON schema: `type`: 'intger' is not"),
        ({"enum": ("a", "b")}, "is not a JSON schema: `enum`: ('a', 'b') is not of type 'array'"),
        ({"type": int}, "is not a JSON schema: `type`: <class 'int'>"),
        ({"pattern": "("}, "is not a JSON schema: `pattern`: '(' is not a 'regex'"),
        (None, "is `None`, which is not an object"),
        ("integer", "is `'integer'`, which is not an object"),
        ({"type": "integer", "minimum": 9, "maximum": 3}, "allows nothing"),
        ({"type": "integer", "exclusiveMinimum": 3, "exclusiveMaximum": 4}, "allows nothing"),
        ({"type": "number", "minimum": 1, "maximum": 0}, "allows nothing"),
        ({"type": "string", "minLength": 3, "maxLength": 2}, "allows nothing"),
        ({"type": "array", "minItems": 3, "maxItems": 2}, "allows nothing"),
        ({"type": "integer", "enum": ["a"]}, "allows nothing"),
        ({"type": "integer", "const": "a"}, "allows nothing"),
        ({"type": []}, "is not a JSON schema"),
        ({"enum": []}, "allows nothing"),
        (False, "allows nothing"),
        ({"type": "object", "properties": {"a": False}, "required": ["a"]}, "allows nothing"),
        (
            {"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]},
            "allows nothing",
        ),
        ({"$ref": "#"}, "refers to itself without end"),
        ({"$dynamicRef": "#"}, "refers to itself without end"),
        ({"not": {"if": {"oneOf": [{"$ref": "#"}]}}}, "refers to itself without end"),
        ({"if": {"type": "null"}, "else": {"$ref": "#"}}, "refers to itself without end"),
        ({"dependentSchemas": {"a": {"$ref": "#"}}}, "refers to itself without end"),
        (
            {"$defs": {"a": {"$ref": "#/$defs/a"}}, "properties": {"b": {"$ref": "#/$defs/a"}}},
            "refers to itself without end",
        ),
        ({"anyOf": [{"$ref": "#"}, {"type": "integer"}]}, "refers to itself without end"),
        ({"type": "object", "properties": {"a": {"$ref": "#/$defs/b"}}}, "cannot be resolved"),
        ({"$ref": "#/$defs/b"}, "cannot be resolved: '/$defs/b' does not exist"),
        (
            {"$ref": "http://schemas.test/a.json"},
            "refers to `http://schemas.test/a.json`, which is another document",
        ),
        ({"$ref": "file:///etc/passwd"}, "refers to `file:///etc/passwd`"),
    ],
    ids=lambda one: str(one)[:60],
)
def test_schema_that_no_value_passes_is_proved_unusable(schema, clause):
    found = trouble(schema)
    assert found is not None
    assert found.clause.startswith(clause)
    assert found.proved
    assert "\n" not in found.clause


def test_schema_that_contains_itself_is_unusable():
    schema = {"type": "object"}
    schema["properties"] = {"a": schema}
    found = trouble(schema)
    assert found is not None
    assert found.clause == "contains itself"


@pytest.mark.parametrize(
    "schema",
    [
        {"type": "string", "minLength": MOST_CHARACTERS + 1},
        {"type": "array", "minItems": MOST_ITEMS + 1},
        {"type": "object", "minProperties": MOST_ITEMS + 1},
        {"type": "array", "items": {"type": "integer"}, "uniqueItems": True, "minItems": 9_000},
        {"type": "string", "pattern": "^[a-z]{3}$", "minLength": 300},
    ],
    ids=shown,
)
def test_schema_of_large_or_rare_values_is_not_called_wrong(schema):
    found = trouble(schema)
    assert found is not None
    assert found.clause.startswith("gives no example")
    assert not found.proved


@pytest.mark.parametrize("bound", ["minimum", "maximum", "exclusiveMinimum", "multipleOf"])
def test_bounds_that_no_float_holds_are_no_error(bound):
    schema = {"type": ["integer", "number"], bound: 10**400}
    found = trouble(schema)
    assert found is None or not found.proved
    assert list(cases([DeclaredParam("a", schema, 1)], 5))


def test_nothing_is_written_into_the_working_directory(tmp_path):
    source = (
        "from dagproof.airflow_compat.params import DeclaredParam\n"
        "from dagproof.contracts.confs import warm_up\n"
        "from dagproof.contracts.params_hold import cases\n"
        "warm_up()\n"
        "list(cases([DeclaredParam('a', {'type': 'string', 'pattern': '^a'})], 20))\n"
    )
    subprocess.run([sys.executable, "-c", source], cwd=tmp_path, check=True)
    assert list(tmp_path.iterdir()) == []


def test_references_are_never_fetched():
    with mock.patch.object(urllib.request, "urlopen") as fetch:
        assert objection({"$ref": "http://schemas.test/a.json"}, 5)
    fetch.assert_not_called()


def test_slow_pattern_ends_by_itself():
    found = default_trouble(DeclaredParam("a", {"pattern": "^(a+)+$"}, "a" * 50 + "!"))
    assert found is not None
    assert found.clause == "is not validated within 2 CPU seconds"
    assert not found.proved


def test_default_that_breaks_its_schema_is_told_with_the_reason():
    found = default_trouble(DeclaredParam("a", {"items": {"type": "integer"}}, ["x"]))
    assert found is not None
    assert found.clause == "breaks its own schema: `0`: 'x' is not of type 'integer'"
    assert found.proved


def test_default_that_is_missing_or_allowed_is_no_trouble():
    assert default_trouble(DeclaredParam("a", {"type": "integer"})) is None
    assert default_trouble(DeclaredParam("a", {"type": "integer"}, 5.0)) is None


SIMPLE = st.fixed_dictionaries(
    {"type": st.sampled_from(["integer", "number", ["integer", "null"]])},
    optional={
        "minimum": st.integers(-50, 50) | st.floats(-50, 50),
        "maximum": st.integers(-50, 50) | st.floats(-50, 50),
        "exclusiveMinimum": st.integers(-50, 50) | st.floats(-50, 50),
        "exclusiveMaximum": st.integers(-50, 50) | st.floats(-50, 50),
        "multipleOf": st.integers(1, 9),
    },
)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(SIMPLE)
def test_numbers_of_any_bounds_are_allowed_or_proved_to_be_none(schema):
    found = trouble(schema)
    if found is None:
        assert all(allows(schema, value) for value in generated(values(schema), 5, 0))
    elif found.proved:
        assert not any(allows(schema, number) for number in (*range(-60, 61), None))
