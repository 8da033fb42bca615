"""Knows the values that the form, the command line and the REST API really send for a Param.

Read in Airflow's own sources, 3.0 to 3.3. The form (`FlexibleForm` of the UI) sends every Param,
numbers as numbers, and null for a field that was emptied; a list is one line of text each. The
command line and REST take any JSON, which scripts put together from texts; the `conf` of a
`TriggerDagRunOperator` is a template, and so its leaves are texts.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from dagproof.airflow_compat.params import DeclaredParam
from dagproof.contracts.schemas import assertions

MISSING: Final = object()
"""The value of a Param that a conf does not hold."""

UNKNOWN_KEY: Final = "no_such_param"
"""A key that no Param has."""

LONG: Final = 10_000
"""Characters of a very long text."""

_FORM: Final = "as the form sends"
_SHELL: Final = "as a shell variable in `airflow dags trigger --conf` gives it"
_TEMPLATE: Final = "as a template in the `conf` of a `TriggerDagRunOperator` gives it"
_REST: Final = "as a REST client may send it"
_PASTED: Final = "as somebody pastes it into the form"


@dataclass(frozen=True, slots=True)
class Shape:
    """One way to give a Param.

    Attributes:
        value: a JSON value, or `MISSING`.
        words: what it is and where it comes from, a noun phrase.
    """

    value: object
    words: str


def shapes(param: DeclaredParam) -> Iterator[Shape]:
    """Yield what is really sent for a Param, by the types that its schema names.

    Values that the schema forbids are among them. A Param without a type gets them all.
    """
    rules = assertions(param.schema) if isinstance(param.schema, dict) else {}
    yield Shape(MISSING, f"no value, {_REST}")
    yield Shape(None, f"null, {_FORM} it for a field that was emptied")
    named = rules.get("type", tuple(_OF_TYPE))
    for one in (named,) if isinstance(named, str) else named:
        yield from _OF_TYPE.get(one, _nothing)(rules)
    if "enum" in rules:
        yield Shape("no such choice", f"a value that is not listed, {_REST}")


def _nothing(_: Mapping[str, Any]) -> Iterator[Shape]:
    yield from ()


def _of_number(rules: Mapping[str, Any]) -> Iterator[Shape]:
    whole = rules.get("type") != "number"
    yield from (
        Shape("5", f"a number as text, {_TEMPLATE}"),
        Shape("007", f"a number as text with zeros in front, {_SHELL}"),
        Shape("1e5", f"a number as text with an exponent, {_SHELL}"),
        Shape(" 5", f"a number as text with a space, {_SHELL}"),
        Shape("", f"an empty text, {_SHELL} when it is not set"),
    )
    if whole:
        yield Shape(5.0, f"a whole number with a fraction of zero, {_REST}")
        yield Shape(1e5, f"a whole number as a float, {_REST}")
        yield Shape(5.5, f"a fraction, {_FORM} it")
    for keyword, inside, step in (
        ("minimum", 0, -1),
        ("exclusiveMinimum", 1, -1),
        ("maximum", 0, 1),
        ("exclusiveMaximum", -1, 1),
    ):
        bound = rules.get(keyword)
        if type(bound) is int or (type(bound) is float and math.isfinite(bound)):
            yield Shape(bound + inside, f"the last number of the range, {_FORM} it")
            yield Shape(bound + inside + step, f"one out of the range, {_REST}")


def _of_boolean(_: Mapping[str, Any]) -> Iterator[Shape]:
    yield from (
        Shape("True", f"a boolean as Python writes it, {_TEMPLATE}"),
        Shape("true", f"a boolean as text, {_SHELL}"),
        Shape("False", f"a boolean as Python writes it, {_TEMPLATE}"),
        Shape(0, f"a number for a boolean, {_REST}"),
    )


def _of_string(rules: Mapping[str, Any]) -> Iterator[Shape]:
    yield from _FORMATS.get(rules.get("format", ""), ())
    yield from (
        Shape("", f"an empty text, {_SHELL} when it is not set"),
        Shape("5", f"digits, {_FORM} them"),
        Shape("007", f"digits with zeros in front, {_FORM} them"),
        Shape("True", f"the word for a boolean, {_FORM} it"),
        Shape(5, f"a number for a text, {_REST}"),
        Shape("\U0001f600 e\u0301 \u05e9\u05dc\u05d5\u05dd", f"texts of the world, {_PASTED}"),
        Shape("two\nlines", f"a line break, {_PASTED}"),
        Shape("{{ ds }} {% raw %}", f"braces, {_PASTED}"),
        Shape("it's \"; rm -rf '", f"quotes, {_PASTED}"),
        Shape("x" * LONG, f"a text of {LONG:,} characters, {_PASTED}"),
    )
    least, most = rules.get("minLength", 0), rules.get("maxLength", math.inf)
    if least > 1:
        yield Shape("x" * (least - 1) if least <= LONG else "", f"one character too few, {_REST}")
    if most <= LONG:
        yield Shape("x" * most, f"as many characters as may be, {_FORM} it")
        yield Shape("x" * (most + 1), f"one character too many, {_REST}")


def _of_array(rules: Mapping[str, Any]) -> Iterator[Shape]:
    yield from (
        Shape([], f"an empty list, {_REST}"),
        Shape([""], f"a list of one empty text, {_FORM} it for one empty line"),
        Shape("[1, 2]", f"a list as text, {_TEMPLATE}"),
        Shape("a,b", f"texts between commas, {_SHELL}"),
    )
    least = rules.get("minItems", 0)
    if 1 < least <= LONG:
        yield Shape(["x"] * (least - 1), f"one item too few, {_FORM} it")
    if rules.get("maxItems", math.inf) < LONG:
        yield Shape(["x"] * (rules["maxItems"] + 1), f"one item too many, {_FORM} it")


def _of_object(_: Mapping[str, Any]) -> Iterator[Shape]:
    yield from (
        Shape({}, f"an empty object, {_FORM} it"),
        Shape("{'a': 1}", f"an object as Python writes it, {_TEMPLATE}"),
        Shape([], f"a list for an object, {_FORM} it for an empty field that was touched"),
    )


_OF_TYPE: Final[Mapping[str, Callable[[Mapping[str, Any]], Iterator[Shape]]]] = {
    "string": _of_string,
    "integer": _of_number,
    "number": _of_number,
    "boolean": _of_boolean,
    "array": _of_array,
    "object": _of_object,
}

_FORMATS: Final[Mapping[str, tuple[Shape, ...]]] = {
    "date": (
        Shape("2024-02-29", f"a leap day, {_FORM} it"),
        Shape("2024-02-29T00:00:00Z", f"a date with a time, {_REST}"),
    ),
    "date-time": (
        Shape("2024-02-29T23:59:00.000Z", f"a time in UTC with milliseconds, {_FORM} it"),
        Shape("2024-02-29T23:59:00", f"a time without a zone, {_REST}"),
        Shape("2024-02-29 23:59:00+00:00", f"a date and a time with a space, {_TEMPLATE}"),
    ),
    "time": (
        Shape("23:59:00", f"a time, {_FORM} it"),
        Shape("23:59", f"a time without seconds, {_FORM} it before Airflow 3.3"),
    ),
}
