"""Values of return annotations: of the right kind, small, finite, and refused in one sentence."""

import collections
import dataclasses
import enum
import math
import types
import typing
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, NewType, NotRequired, Optional, TypedDict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import sparse

from dagproof.contracts.annotations import (
    UnprovedError,
    in_words,
    place_of,
    plain_function,
    return_annotation,
)
from dagproof.contracts.returned import strategy


class Colour(enum.Enum):
    """Two colours."""

    RED = 1
    BLUE = 2


class Nothing(enum.Enum):
    """No members."""


class Pair(NamedTuple):
    """A tuple with names."""

    left: int
    right: dict[int, str]


@dataclasses.dataclass
class Picky:
    """Refuses most values of its field."""

    number: int
    computed: int = dataclasses.field(init=False, default=3)

    def __post_init__(self):
        if self.number < 5:
            raise ValueError(self.number)


@dataclasses.dataclass
class Node:
    """A record that holds others of its kind."""

    name: str
    next: Optional["Node"]
    children: list["Node"]


@dataclasses.dataclass
class Endless:
    """A record that holds another one, for ever."""

    next: "Endless"


class Row(TypedDict):
    """A dict of known keys."""

    name: str
    score: NotRequired[float]


class Opaque:
    """Nobody knows what it is made of."""

    def __init__(self, inside):
        self.inside = inside


Number = NewType("Number", int)
Item = typing.TypeVar("Item")


def seen(annotation, count=60):
    """Return values of an annotation."""
    values = []

    @settings(max_examples=count, database=None, deadline=None, derandomize=True)
    @given(strategy(annotation))
    def collect(value):
        values.append(value)

    collect()
    return values


@pytest.mark.parametrize(
    ("annotation", "is_one"),
    [
        (int, lambda one: type(one) is int and -(2**63) <= one < 2**63),
        (float, lambda one: type(one) is float and math.isfinite(one)),
        (str, lambda one: type(one) is str and "\0" not in one and one.encode() is not None),
        (Decimal, lambda one: Decimal(str(float(one))) == one),
        (datetime, lambda one: one.tzinfo is not None and 1970 <= one.year <= 2100),
        (dict[int, str], lambda one: len(one) <= 3 and all(type(key) is int for key in one)),
        (Mapping[str, int], lambda one: type(one) is dict),
        (Sequence[int], lambda one: type(one) is list),
        (Iterable[int], lambda one: type(one) is list),
        (list, lambda one: type(one) is list),
        (dict, lambda one: type(one) is dict and all(type(key) is str for key in one)),
        (tuple, lambda one: type(one) is tuple),
        (tuple[int, str], lambda one: tuple(map(type, one)) == (int, str)),
        (tuple[int, ...], lambda one: type(one) is tuple and all(type(n) is int for n in one)),
        (tuple[()], lambda one: one == ()),
        (set[int], lambda one: type(one) is set),
        (frozenset[str], lambda one: type(one) is frozenset),
        (collections.OrderedDict[str, int], lambda one: type(one) is collections.OrderedDict),
        (collections.Counter[str], lambda one: all(count > 0 for count in one.values())),
        (collections.deque[int], lambda one: type(one) is collections.deque),
        (collections.defaultdict[str, int], lambda one: type(one) is collections.defaultdict),
        (int | None, lambda one: one is None or type(one) is int),
        (Literal["a", 1], lambda one: one in ("a", 1)),
        (Annotated[int, "x"], lambda one: type(one) is int),
        (Number, lambda one: type(one) is int),
        (Colour, lambda one: type(one) is Colour),
        (Pair, lambda one: type(one) is Pair and type(one.right) is dict),
        (Row, lambda one: set(one) in ({"name"}, {"name", "score"})),
        (Node, lambda one: type(one) is Node and type(one.children) is list),
        (Picky, lambda one: one.number >= 5),
        (Path, lambda one: isinstance(one, Path)),
        (np.float32, lambda one: type(one) is np.float32 and np.isfinite(one)),
        (np.str_, lambda one: type(one) is np.str_),
        (np.ndarray, lambda one: one.dtype == float and np.isfinite(one).all()),
        (NDArray[np.int16], lambda one: one.dtype == np.int16),
        (pd.DataFrame, lambda one: list(one.columns) == ["number", "share", "name"] and len(one)),
        (pd.Series, lambda one: type(one) is pd.Series),
        (pd.Timestamp, lambda one: type(one) is pd.Timestamp),
        (sparse.csr_matrix, lambda one: type(one) is sparse.csr_matrix),
        (sparse.csc_array, lambda one: type(one) is sparse.csc_array),
        (sparse.spmatrix, sparse.issparse),
    ],
)
def test_values_are_of_the_annotation_small_and_finite(annotation, is_one):
    values = seen(annotation)
    assert values
    assert [value for value in values if not is_one(value)] == []


def test_optional_keys_are_sometimes_there_and_zones_differ():
    assert len({frozenset(one) for one in seen(Row)}) == 2
    assert len({str(one.tzinfo) for one in seen(datetime)}) == 3


def test_record_holds_one_of_its_kind_and_no_more():
    depths = {depth(one) for one in seen(Node, 200)}
    assert depths == {1, 2}


def depth(node):
    inside = [*node.children, *([node.next] if node.next else [])]
    return 1 + max(map(depth, inside), default=0)


def test_class_of_the_dag_file_is_made_inside_containers():
    assert {type(one) for many in seen(list[Picky]) for one in many} == {Picky}


@pytest.mark.parametrize(
    ("annotation", "why"),
    [
        ("Missing", "the forward reference `Missing` cannot be evaluated"),
        (
            types.GenericAlias(list, ("Missing",)),
            "the forward reference `Missing` cannot be evaluated",
        ),
        (Opaque, "no value of `Opaque` can be made"),
        (dict[str, Opaque], "no value of `Opaque` can be made"),
        (Nothing, "`Nothing` has no members"),
        (Endless, "`Endless` has no values, or none that ends"),
    ],
)
def test_annotation_without_values_is_refused_in_one_sentence(annotation, why):
    with pytest.raises(UnprovedError, match=why) as refusal:
        strategy(annotation)
    assert "\n" not in str(refusal.value)


def test_field_that_cannot_be_evaluated_is_named_with_its_class():
    broken = dataclasses.make_dataclass("Broken", [("one", "Missing")])
    with pytest.raises(UnprovedError, match="a field of `Broken` needs `Missing`, which"):
        strategy(broken)


def decorated(function):
    import functools

    @functools.wraps(function)
    def wrapper(*arguments):
        return function(*arguments)

    return wrapper


def returning(annotation):
    def function():
        """Return nothing."""

    function.__annotations__["return"] = annotation
    return function


class Called:
    """A callable that is no function."""

    def __call__(self) -> dict[int, str]:
        """Return nothing."""
        return {}

    def method(self) -> int:
        """Return one."""
        return 1


def test_annotation_is_found_below_decorators_partials_and_instances():
    from functools import partial

    plain = returning(dict[int, str])
    for function in (plain, decorated(plain), partial(decorated(plain)), Called()):
        assert return_annotation(function) == dict[int, str]
    assert return_annotation(Called().method) is int
    assert return_annotation(len) is return_annotation(lambda: 1)
    assert plain_function(decorated(decorated(plain))) is plain


def test_text_annotations_are_evaluated_where_the_function_stands():
    class Local:
        """Known in this test alone."""

    def function() -> "Local":
        return Local()

    assert return_annotation(function) is Local
    assert return_annotation(returning("dict[int, Pair]")) == dict[int, Pair]


def test_annotation_that_cannot_be_evaluated_says_what_is_missing():
    with pytest.raises(UnprovedError, match="needs `Missing`, which is not there when"):
        return_annotation(returning("dict[str, Missing]"))
    with pytest.raises(UnprovedError, match="cannot be evaluated: SyntaxError"):
        return_annotation(returning("dict[str,"))


def test_annotation_of_a_generator_is_no_promise():
    def rows() -> Iterable[int]:
        yield 1

    assert return_annotation(rows) is return_annotation(len)


def test_place_of_a_callable_is_where_the_inner_function_begins():
    plain = returning(int)
    assert place_of(decorated(plain)) == (__file__, plain.__code__.co_firstlineno)
    assert place_of(len) is None


@pytest.mark.parametrize(
    ("annotation", "words"),
    [
        (dict[int, list[Pair]], "dict[int, list[Pair]]"),
        (int | None, "int | None"),
        (Optional[Pair], "Pair | None"),  # noqa: UP045 - somebody may write it
        (tuple[int, ...], "tuple[int, ...]"),
        (Annotated[int, "x"], "int"),
        (Literal["a"], "Literal['a']"),
        (Any, "Any"),
        (pd.DataFrame, "DataFrame"),
        (Callable[[int], str], "Callable[[int], str]"),
    ],
)
def test_annotations_are_told_without_their_modules(annotation, words):
    assert in_words(annotation) == words


def test_nothing_is_warned_of_while_strategies_are_made():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert isinstance(strategy(dict[str, Node]), st.SearchStrategy)


def test_moments_have_zones_that_airflow_knows_by_name():
    assert UTC in {one.tzinfo for one in seen(datetime)}
