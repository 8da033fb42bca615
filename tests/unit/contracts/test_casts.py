"""What templates give is held against annotations, and callables are called where they may be."""

import contextlib
import enum
import functools
import logging
import time
from collections.abc import Mapping
from datetime import date, datetime
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from jinja2 import UndefinedError

from dagproof.airflow_compat.alarms import alarms
from dagproof.airflow_compat.stand_in import StandIn
from dagproof.airflow_compat.watched_rendering import Outcome, RenderedTask
from dagproof.contracts.casts import Callables, CastFault

LOG = logging.getLogger("load")


class Colour(enum.Enum):
    """Not a text."""

    RED = "red"


class Opaque:
    """A class that no validator knows."""


class AirflowSkipException(Exception):  # noqa: N818 - Airflow calls it so
    """Named as the one of Airflow."""


def text(value):
    """Return a text that is no other object."""
    return "".join(["", *value])


def outcome(value, source="{{ x }}", **facts):
    return Outcome(source, is_file=False, native=False, value=value, **facts)


def rendered(function, *arguments, outcomes=None, error=None, **keywords):
    """Return a task whose arguments all came from templates."""
    task = SimpleNamespace(python_callable=function, op_args=arguments, op_kwargs=keywords)
    if outcomes is None:
        named = [*enumerate(arguments), *keywords.items()]
        outcomes = tuple(outcome(value, f"{{{{ {name} }}}}") for name, value in named)
    return RenderedTask(task, outcomes, error)


def original(*arguments, **keywords):
    """Return the task as it was imported, with templates for arguments."""
    return SimpleNamespace(
        task_id="load",
        template_fields=("op_args", "op_kwargs"),
        op_args=[f"{{{{ {index} }}}}" for index, _ in enumerate(arguments)],
        op_kwargs={name: f"{{{{ {name} }}}}" for name in keywords},
    )


@pytest.fixture
def callables():
    """Make what knows callables; `said` is what it could not prove, `begun` what it called."""

    def make(*, pure=False, seconds=1.0, may_begin=True):
        said, begun = [], []
        made = Callables(
            lambda _: pure,
            seconds,
            lambda task_id: begun.append(task_id) or may_begin,
            lambda *all_of_it: said.append(all_of_it),
        )
        made.said, made.begun = said, begun
        return made

    return make


def faults(callables, function, *arguments, outcomes=None, error=None, **keywords):
    task = original(*arguments, **keywords)
    given = rendered(function, *arguments, outcomes=outcomes, error=error, **keywords)
    return list(callables.faults(task, given))


def whats(callables, *arguments, **keywords):
    return [one.what for one in faults(callables, *arguments, **keywords)]


def place_of(function):
    return function.__code__.co_filename, function.__code__.co_firstlineno


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
