"""Values and confs are told as code on one line, shortened where they are long."""

import json

import pytest

from dagproof.contracts.words import shown, with_conf


class Unspeakable:
    """Has no words for itself."""

    def __repr__(self):
        raise RuntimeError("no")


class Table:
    """Takes more than one line to tell."""

    def __repr__(self):
        return "a  b\n1  2\r\n"


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("5", "`'5'`"),
        (None, "`None`"),
        ("a`b", '`"a\'b"`'.replace('"', "'")),
        ("a\nb", "`'a\\nb'`"),
        ("a  b", "`'a  b'`"),
        (Table(), "`a  b 1  2`"),
        (Unspeakable(), "`<Unspeakable>`"),
    ],
)
def test_value_is_code_on_one_line(value, told):
    assert shown(value) == told


def test_value_of_eighty_characters_is_told_whole_and_a_longer_one_is_cut():
    assert shown("x" * 78) == f"`'{'x' * 78}'`"
    assert shown("x" * 79) == f"`'{'x' * 78}…`"


@pytest.mark.parametrize(
    ("conf", "told"),
    [
        (None, ""),
        ({}, " with the default conf"),
        ({"b": 1, "a": None}, ' with the conf `{"a": null, "b": 1}`'),
        ({"a": "é名"}, ' with the conf `{"a": "é名"}`'),
        ({"a": "`"}, """ with the conf `{"a": "'"}`"""),
    ],
)
def test_conf_is_told_as_it_is_typed(conf, told):
    assert with_conf(conf) == told


def test_conf_of_eighty_characters_is_told_whole_and_a_longer_one_is_cut():
    whole = {"a": "x" * 71}
    assert len(json.dumps(whole)) == 80
    assert with_conf(whole) == f" with the conf `{json.dumps(whole)}`"
    assert with_conf({"a": "x" * 72}) == f""" with the conf `{{"a": "{"x" * 72}…`"""
