"""What templates give a callable is held against what it is annotated to want."""

import enum
import functools
import importlib
import logging
from collections.abc import Mapping
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from casting import faults, original, outcome, place_of, text, whats
from jinja2 import UndefinedError

from dagproof.airflow_compat.rendered import RenderedTask
from dagproof.airflow_compat.stand_in import StandIn
from dagproof.contracts.casts import CastFault

LOG = logging.getLogger("load")


class Colour(enum.Enum):
    """Not a text."""

    RED = "red"


class Opaque:
    """A class that no validator knows."""


def test_text_for_a_number_is_told_with_template_and_definition(callables):
    def load(month: int):
        return f"{month:02d}"

    assert faults(callables(), load, month=text("5")) == [
        CastFault(
            "month", "{{ month }}", "gives `'5'` for `month: int` of `load()`", "", place_of(load)
        )
    ]


def test_argument_by_position_is_told_by_its_name(callables):
    def load(day, month: int):
        return day, f"{month:02d}"

    [one] = faults(callables(), load, text("1"), text("5"))

    assert (one.argument, one.source) == ("month", "{{ 1 }}")


@pytest.mark.parametrize(
    ("annotation", "value", "wanted"),
    [
        (int, 5, None),
        (int, True, "int"),
        (int, None, "int"),
        (float, 5, None),
        (float, "5", "float"),
        (bool, "True", "bool"),
        (str, "5", None),
        (str, 5, "str"),
        (int | str, "5", None),
        (int | None, None, None),
        (int | None, "5", "int | None"),
        (Any, "5", None),
        (object, "5", None),
        (list[int], [1], None),
        (list[int], ["1"], "list[int]"),
        (list, "[1]", "list"),
        (dict[str, int], "{}", "dict[str, int]"),
        (Mapping[str, int], {"a": "b"}, "collections.abc.Mapping[str, int]"),
        (datetime, "2024-02-29", "datetime"),
        (date, "2024-02-29", "date"),
        (Literal["a", "b"], "a", None),
        (Literal["a", "b"], "c", "Literal['a', 'b']"),
        (Colour, "red", "Colour"),
        (Colour, Colour.RED, None),
        (Opaque, "red", "Opaque"),
        ("int", "5", "int"),
    ],
)
def test_value_is_held_against_the_annotation_without_a_cast(callables, annotation, value, wanted):
    def load(month):
        return month

    load.__annotations__["month"] = annotation
    value = text(value) if isinstance(value, str) else value
    expected = [] if wanted is None else [f"for `month: {wanted}` of `load()`"]

    assert [one.partition("for `")[1] + one.partition("for `")[2] for one in whats(
        callables(), load, month=value
    )] == expected  # fmt: skip


def test_argument_without_an_annotation_may_be_anything(callables):
    def load(month, *, day):
        return month + day

    assert whats(callables(), load, month=text("5"), day=5) == []


def test_argument_that_no_template_gave_is_not_looked_at(callables):
    def load(month: int):
        return f"{month:02d}"

    assert whats(callables(), load, month="five", outcomes=(outcome(text("5")),)) == []


def test_argument_that_only_a_run_can_know_is_not_looked_at(callables):
    def load(month: int):
        return f"{month:02d}"

    value = text("5")
    stand_in = StandIn("xcom.a")

    assert whats(callables(), load, month=value, outcomes=(outcome(value, unknown=True),)) == []
    assert whats(callables(), load, month=stand_in) == []


def test_values_that_are_one_object_are_known_by_their_place(callables):
    def load(month: int | None, name: str, day: int = 0):
        return month, name, day

    both = faults(callables(), load, month=None, name=None)
    first = outcome(None, "{{ month }}")
    alone = faults(callables(), load, month=None, name=None, outcomes=(first,))
    by_position = faults(callables(), load, None, None)

    assert [(one.argument, one.source) for one in both] == [("name", "{{ name }}")]
    assert alone == []
    assert [one.argument for one in by_position] == ["name"]


def test_template_that_is_in_no_known_place_gave_what_is_the_same_object(callables):
    def load(month: int):
        return f"{month:02d}"

    value = text("5")

    assert len(whats(callables(), load, month=value, outcomes=(outcome(value, "?"),))) == 1


def test_template_that_failed_gave_nothing(callables):
    def load(month: int):
        return f"{month:02d}"

    failed = outcome(None, error=UndefinedError("no"))

    assert whats(callables(), load, month=None, outcomes=(failed,)) == []


def test_argument_that_the_callable_casts_is_left_to_it(callables):
    def load(month: int, day: int):
        return f"{int(month):02d}{day:02d}"

    def parsed(day: date):
        return date.fromisoformat(day)

    assert whats(callables(), load, month=text("5")) == []
    assert len(whats(callables(), load, day=text("5"))) == 1
    assert whats(callables(), parsed, day=text("2024-02-29")) == []


@pytest.mark.parametrize(
    "call",
    [
        "append", "critical", "debug", "error", "exception", "hash", "id", "info", "isinstance",
        "len", "log", "print", "repr", "sorted", "type", "warning",
    ],
)  # fmt: skip
def test_call_that_takes_anything_is_no_cast(tmp_path, monkeypatch, callables, call):
    (tmp_path / f"calls_{call}.py").write_text(f"def load(month: int):\n    {call}(month)\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    load = importlib.import_module(f"calls_{call}").load

    assert len(whats(callables(), load, month=text("5"))) == 1


def test_argument_that_is_only_looked_at_is_not_cast(callables):
    def load(month: int, day: int):
        print(month)
        LOG.info(month, len(month))
        LOG.info("%s", month)
        return isinstance(month, int), int(day, 10)

    assert len(whats(callables(), load, month=text("5"))) == 1
    assert whats(callables(), load, day=text("5")) == []


def test_wrapped_callable_is_looked_at_inside(callables):
    def load(month: int):
        return f"{month:02d}"

    @functools.wraps(load)
    def wrapper(*arguments, **keywords):
        return load(*arguments, **keywords)

    [one] = faults(callables(), wrapper, month=text("5"))

    assert one.place == place_of(load)


def test_method_and_object_are_callables_too(callables):
    class Loader:
        def load(self, month: int):
            return f"{month:02d}"

        def __call__(self, month: int):
            return f"{month:02d}"

    assert len(whats(callables(), Loader().load, month=text("5"))) == 1
    assert whats(callables(), functools.partial(Loader().load), month=text("5")) == []


def test_keywords_that_a_callable_takes_as_they_come_are_fine(callables):
    def load(**context: int):
        return context

    assert whats(callables(), load, month=text("5")) == []


@pytest.mark.parametrize(
    "function",
    [None, "no callable", lambda: None, dict.fromkeys],
)
def test_task_that_calls_nothing_or_takes_no_such_arguments_is_fine(callables, function):
    assert whats(callables(), function, month=text("5")) == []


def test_task_without_arguments_is_fine(callables):
    task = SimpleNamespace(python_callable=lambda: None)

    assert list(callables().faults(original(), RenderedTask(task, ()))) == []
    assert list(callables().faults(original(), RenderedTask(None, ()))) == []


def test_annotation_that_cannot_be_read_is_said_once(callables):
    def load(month: "Nowhere"):  # noqa: F821 - on purpose
        return month

    known = callables()

    assert whats(known, load, month=text("5")) == []
    assert whats(known, load, month=text("6")) == []
    assert known.said == [
        (
            "load",
            "the annotations of `load()` cannot be read: name 'Nowhere' is not defined",
            place_of(load),
        )
    ]


def test_annotation_that_nothing_can_be_said_of_is_said_once(callables):
    class Refusing:
        @classmethod
        def __get_pydantic_core_schema__(cls, *_):
            raise TypeError("no schema\nat all")

    def load(month: int):
        return month

    load.__annotations__["month"] = Refusing
    known = callables()

    assert whats(known, load, month=text("5")) == []
    assert whats(known, load, month=text("6")) == []
    assert [what for _, what, _ in known.said] == [
        "nothing can be said of `month: Refusing`: no schema"
    ]


def test_validator_that_fails_in_another_way_says_nothing(callables):
    class Failing:
        @classmethod
        def __get_pydantic_core_schema__(cls, *_):
            from pydantic_core import core_schema

            return core_schema.no_info_plain_validator_function(lambda _: 1 / 0)

    def load(month: int):
        return month

    load.__annotations__["month"] = Failing

    assert whats(callables(), load, month=text("5")) == []
