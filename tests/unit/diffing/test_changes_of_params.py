"""Params that refuse confs which were good, and those that do not."""

import json

import pytest

from dagproof.model import Severity

ERROR, WARNING, NOTE = Severity


@pytest.fixture
def told(dag, changes):
    def told(before, after):
        def state(param):
            return dag("x", params={} if param is None else {"p": json.dumps(param)})

        return changes(state(before), state(after))

    return told


@pytest.mark.parametrize(
    ("before", "after", "key", "severity", "words"),
    [
        ({"default": 1}, {"default": 2}, "default", NOTE, "have the new value"),
        ({"default": 1}, {}, "default", ERROR, "without a value for it is refused"),
        ({}, {"default": None}, "default", NOTE, ""),
        ({"type": "integer"}, {"type": "string"}, "type", WARNING, "were good are refused"),
        ({"type": ["null", "integer"]}, {"type": "integer"}, "type", WARNING, "refused"),
        ({"type": "integer"}, {"type": ["integer", "null"]}, "type", NOTE, ""),
        ({"type": "integer"}, {"type": "number"}, "type", NOTE, ""),
        ({"type": "number"}, {"type": "integer"}, "type", WARNING, "refused"),
        ({}, {"type": "integer"}, "type", WARNING, "refused"),
        ({"type": "integer"}, {}, "type", NOTE, ""),
        ({"minimum": 1}, {"minimum": 2}, "minimum", WARNING, "refused"),
        ({"minimum": 2}, {"minimum": 1}, "minimum", NOTE, ""),
        ({"maxLength": 9}, {"maxLength": 8}, "maxLength", WARNING, "refused"),
        ({"maximum": 8}, {"maximum": 9.5}, "maximum", NOTE, ""),
        ({"maximum": 8}, {}, "maximum", NOTE, ""),
        ({"enum": ["a", "b"]}, {"enum": ["b"]}, "enum", WARNING, "refused"),
        ({"enum": ["a"]}, {"enum": ["b", "a"]}, "enum", NOTE, ""),
        ({"pattern": "a"}, {"pattern": "b"}, "pattern", WARNING, "refused"),
        ({}, {"pattern": "b"}, "pattern", WARNING, "refused"),
        ({"multipleOf": 2}, {"multipleOf": 4}, "multipleOf", WARNING, "refused"),
        ({}, {"additionalProperties": True}, "additionalProperties", NOTE, ""),
        ({}, {"additionalProperties": False}, "additionalProperties", WARNING, "refused"),
        ({"description": "a"}, {"description": "b"}, "description", NOTE, ""),
        ({}, {"title": "b"}, "title", NOTE, ""),
        ({"const": 1}, {"const": True}, "const", WARNING, "refused"),
    ],
)
def test_schema_that_refuses_more_breaks_who_triggers(told, before, after, key, severity, words):
    [change] = told(before, after).values()

    assert (change.where, change.severity) == (f"params.p.{key}", severity)
    assert words in change.harm
    assert bool(words) == bool(change.harm)


def test_new_param_needs_a_default(told):
    assert told(None, {"default": None})["params.p"].severity is NOTE
    assert told(None, {"type": "integer"})["params.p"].severity is ERROR
    assert "is refused" in told(None, {})["params.p"].harm


def test_param_that_is_gone_is_still_taken(told):
    change = told({"default": 1}, None)["params.p"]

    assert (change.before, change.after) == ('{"default": 1}', "")
    assert change.severity is WARNING
    assert "Airflow takes any conf" in change.harm


@pytest.mark.parametrize("text", ['{"default": "xxxx… (5,000 characters, 00)', "[]"])
def test_param_that_was_too_long_to_be_kept_has_changed(dag, changes, text):
    change = changes(dag("x", params={"p": '{"default": 1}'}), dag("x", params={"p": text}))

    assert change["params.p"].after == text
    assert change["params.p"].severity is NOTE


def test_only_the_keys_that_differ_are_told(told):
    assert told({"default": 1, "type": "integer"}, {"default": 2, "type": "integer"}).keys() == {
        "params.p.default"
    }


def test_value_of_a_param_is_told_as_json(told):
    assert told({"default": "a"}, {"default": "1"})["params.p.default"].message == (
        '`default` of Param `p` is `"1"`, and was `"a"`'
    )
    assert told({"default": 1}, {"default": True})["params.p.default"].after == "true"
