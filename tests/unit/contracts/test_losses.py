"""What a value lost is told part by part, and what it did not lose is not told."""

import collections
import dataclasses
import enum
from datetime import UTC, date, datetime, time, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import attrs
import numpy as np
import pandas as pd
import pydantic
import pytest
from scipy import sparse

from dagproof.contracts.losses import compare, diff, losses

BERLIN = ZoneInfo("Europe/Berlin")


class Colour(enum.StrEnum):
    """Text that is an Enum."""

    RED = "red"
    BLUE = "blue"


class Level(enum.IntEnum):
    """A number that is an Enum."""

    LOW = 1


class Pair(NamedTuple):
    """A tuple with names."""

    left: object
    right: object = 0


@dataclasses.dataclass
class Split:
    """A record."""

    train: object
    test: object = ""


class Text(str):
    """A text of another class."""

    __slots__ = ()


class Plain:
    """An object that is equal to itself alone."""

    def __init__(self, rows):
        self.rows = rows


class Touchy:
    """Refuses to be compared."""

    def __eq__(self, other):
        raise TypeError

    __hash__ = None


@attrs.define
class Made:
    """A record of attrs."""

    rows: object


class Model(pydantic.BaseModel):
    """A record of pydantic."""

    rows: dict[int, int]


def without(value, name):
    delattr(value, name)
    return value


def told(pushed, pulled):
    return [(one.path, one.kind) for one in losses(pushed, pulled)]


@pytest.mark.parametrize(
    "make",
    [
        lambda: None,
        lambda: [1, 2.5, "a", True, None, (1, (2,)), {"a": [{"b": {3}}]}],
        lambda: float("nan"),
        lambda: {1: "a", "1": "b", (1, 2): "c"},
        lambda: {1, 2, 3},
        lambda: frozenset({"a"}),
        lambda: collections.OrderedDict(a=1),
        lambda: Colour.RED,
        lambda: Pair(1, [2]),
        lambda: Split([1], {"a": (1,)}),
        lambda: Plain([1]),
        lambda: Made([1]),
        lambda: Model(rows={1: 2}),
        lambda: datetime(2024, 1, 1, tzinfo=UTC),
        lambda: datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1),
        lambda: datetime(2024, 1, 1),  # noqa: DTZ001 - naive on purpose
        lambda: date(2024, 1, 1),
        lambda: time(1, 2),
        lambda: timedelta(seconds=1.5),
        lambda: Decimal("0.1"),
        lambda: Decimal("NaN"),
        lambda: [pd.NaT, pd.NA],
        lambda: np.float32(1.5),
        lambda: np.float64("nan"),
        lambda: np.array([[1, 2], [3, 4]], dtype="i2"),
        lambda: np.array(["a", None], dtype=object),
        lambda: np.array([1.0, np.nan]),
        lambda: pd.DataFrame({"a": [1, 2], 3: [None, "x"]}, index=["x", "y"]),
        lambda: pd.Series([1.0, None], name="n"),
        lambda: pd.Index([1, 2], name="i"),
        lambda: sparse.csr_matrix([[0, 1], [2, 0]]),
        lambda: sparse.coo_array([[0.0, np.nan]]),
        Touchy,
    ],
)
def test_equal_values_lose_nothing(make):
    assert losses(make(), make()) == []


@pytest.mark.parametrize(
    ("pushed", "pulled", "expected"),
    [
        ({7: 1}, {"7": 1}, [("", "key")]),
        ({None: 1}, {"None": 1}, [("", "key")]),
        ({1: "a", "1": "b"}, {"1": "b"}, [("", "collapsed-key")]),
        ({"a": 1}, {}, [("", "key")]),
        ({}, {"a": 1}, [("", "key")]),
        ([{"rates": {7: (1,)}}], [{"rates": {"7": [1]}}], [
            ('[0]["rates"]', "key"), ('[0]["rates"]["7"]', "class"),
        ]),
        (collections.OrderedDict(a=1), {"a": 1}, [("", "class")]),
        (Pair(1, (2,)), (1, [2]), [("", "class"), (".right", "class")]),
        ((1,), [1], [("", "class")]),
        ([1, 2], [1], [("", "length")]),
        ([1], "a", [("", "class")]),
        ({1, 2}, {1}, [("", "item")]),
        ({1}, {1, 2}, [("", "item")]),
        ({1}, {1.0}, [("{1.0}", "class")]),
        ({1}, [1], [("", "class")]),
        (Colour.RED, "red", [("", "class")]),
        (Level.LOW, 1, [("", "class")]),
        (Colour.RED, Colour.BLUE, [("", "class")]),
        ({"a": 1}, [1], [("", "class")]),
        ({1}, 5, [("", "class")]),
        (Path("a"), Path("b"), [("", "value")]),
        (Made((1,)), Made([1]), [(".rows", "class")]),
        (Made(1), {"rows": 1}, [("", "class")]),
        (Model(rows={1: 2}), Model(rows={1: 3}), [(".rows[1]", "value")]),
        (Split(1, 2), without(Split(1, 2), "train"), [(".train", "field")]),
        (Plain(1), without(Plain(1), "rows"), [(".rows", "field")]),
        (Split(1), object(), [("", "class")]),
        (Text("a"), "a", [("", "class")]),
        (1, 1.0, [("", "class")]),
        (True, 1, [("", "class")]),
        (0.1, 0.1 + 1e-16, [("", "value")]),
        (0.5, float("nan"), [("", "value")]),
        (float("nan"), 0.5, [("", "value")]),
        (1 + 2j, 1 + 0j, [("", "value")]),
        (Split(1, Pair(1)), {"train": 1, "test": (1, 0)}, [("", "class"), (".test", "class")]),
        (Split([1]), Split((1,)), [(".train", "class")]),
        (Plain(1), Plain(2), [(".rows", "value")]),
        (Path("a"), "a", [("", "class")]),
        (Decimal("0.12345678901234567890"), Decimal("0.12345678901234568"), [("", "value")]),
        (Decimal(1), Decimal("NaN"), [("", "value")]),
        (Decimal("NaN"), Decimal(1), [("", "value")]),
        (datetime(2024, 1, 1, tzinfo=UTC), datetime(2024, 1, 1), [("", "timezone")]),  # noqa: DTZ001
        (datetime(2024, 1, 1), datetime(2024, 1, 1, tzinfo=UTC), [("", "timezone")]),  # noqa: DTZ001
        (
            datetime(2024, 1, 1, tzinfo=BERLIN),
            datetime(2024, 1, 1, tzinfo=timezone(timedelta(hours=1))),
            [("", "timezone")],
        ),
        (
            datetime(2024, 1, 1, tzinfo=UTC),
            datetime(2024, 1, 1, 1, tzinfo=BERLIN),
            [("", "timezone")],
        ),
        (
            datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=1),
            datetime(2024, 10, 27, 2, 30, tzinfo=BERLIN, fold=0),
            [("", "value")],
        ),
        (pd.Timestamp("2024-01-01"), datetime(2024, 1, 1), [("", "class")]),  # noqa: DTZ001
        (date(2024, 1, 1), date(2024, 1, 2), [("", "value")]),
    ],
)  # fmt: skip
def test_each_loss_is_told_with_its_path(pushed, pulled, expected):
    assert told(pushed, pulled) == expected


def test_utc_has_many_names():
    moments = [
        datetime(2024, 1, 1, tzinfo=zone)
        for zone in (UTC, ZoneInfo("UTC"), ZoneInfo("Etc/UTC"), timezone(timedelta(0)))
    ]
    assert [losses(moments[0], other) for other in moments] == [[], [], [], []]


def test_class_of_a_module_that_was_imported_twice_is_the_same():
    twin = type("Split", (), {"__module__": Split.__module__, "__qualname__": "Split"})
    other = twin()
    other.train, other.test = 1, 2
    assert losses(Split(1, 2), other) == []
    other.test = 3
    assert told(Split(1, 2), other) == [(".test", "value")]


@pytest.mark.parametrize(
    ("pushed", "pulled", "expected"),
    [
        (np.int8(1), np.int16(1), [("", "class")]),
        (np.int8(1), 1, [("", "class")]),
        (np.float64(1.0), 1.0, [("", "class")]),
        (np.complex128(1 + 2j), np.complex128(1), [("", "imaginary")]),
        (np.complex128(1 + 2j), np.complex128(2), [("", "value")]),
        (np.str_("a"), "a", [("", "class")]),
        (np.array([1]), [1], [("", "class")]),
        (np.array([1], "i4"), np.array([1], "i8"), [("", "dtype")]),
        (np.array([1, 2]), np.array([[1, 2]]), [("", "shape")]),
        (np.array([1, 2]), np.array([1, 3]), [("", "value")]),
        (pd.Series([1]), [1], [("", "class")]),
        (pd.Series([1], index=[5]), pd.Series([1]), [("", "index")]),
        (pd.Series([1]), pd.Series([1.0]), [("", "dtype")]),
        (pd.DataFrame({"a": [1]}, index=[5]), pd.DataFrame({"a": [1]}), [("", "index")]),
        (
            pd.DataFrame({"a": [1]}, index=pd.Index([0], name="n")),
            pd.DataFrame({"a": [1]}),
            [("", "index")],
        ),
        (pd.DataFrame({1: [1]}), pd.DataFrame({"1": [1]}), [("", "columns")]),
        (pd.DataFrame({"a": [1], "b": 2}), pd.DataFrame({"a": [1]}), [("", "columns")]),
        (pd.DataFrame({"a": [1]}), pd.DataFrame({"a": [2]}), [("['a']", "value")]),
        (
            pd.DataFrame({"a": pd.Categorical(["x"])}),
            pd.DataFrame({"a": ["x"]}),
            [("['a']", "dtype")],
        ),
    ],
)
def test_what_arrays_and_tables_lose_is_told(pushed, pulled, expected):
    assert told(pushed, pulled) == expected


def with_zero(matrix):
    matrix.data[0] = 0
    return matrix


@pytest.mark.parametrize(
    ("pushed", "pulled", "expected"),
    [
        (sparse.csr_matrix([[1]]), sparse.csc_matrix([[1]]), ["format"]),
        (sparse.csr_matrix([[1]]), sparse.csr_array([[1]]), ["format"]),
        (sparse.csr_matrix([[1]]), sparse.csr_matrix([[1.0]]), ["dtype"]),
        (sparse.csr_matrix((1, 2)), sparse.csr_matrix((2, 1)), ["shape"]),
        (with_zero(sparse.csr_matrix([[1, 2]])), sparse.csr_matrix([[0, 2]]), ["entries"]),
        (sparse.csr_matrix([[1, 2]]), sparse.csr_matrix([[1, 3]]), ["value"]),
        (sparse.csr_matrix([[1, 0]]), sparse.csr_matrix([[0, 1]]), ["value"]),
        (sparse.csr_matrix([[1]]), np.array([[1]]), ["class"]),
    ],
)
def test_what_sparse_matrices_lose_is_told(pushed, pulled, expected):
    assert [one.kind for one in losses(pushed, pulled)] == expected


def test_item_that_came_besides_is_named():
    assert [(one.pushed, one.pulled) for one in losses({1}, {1, 2})] == [
        ("no such item", "the item 2")
    ]


def test_order_of_stored_entries_is_no_loss():
    rows, columns, data = np.array([0, 1]), np.array([0, 1]), np.array([5, 6])
    one = sparse.coo_matrix((data, (rows, columns)))
    other = sparse.coo_matrix((data[::-1], (rows[::-1], columns[::-1])))
    assert losses(one, other) == []


def test_diff_has_two_lines_for_each_loss():
    assert diff(compare([{"rates": {7: 0.5}}], [{"rates": {"7": 0.5}}])) == (
        '- value[0]["rates"]: the key 7\n+ value[0]["rates"]: the key \'7\''
    )
    assert diff(compare({1: "a", "1": "b"}, {"1": "b"})) == (
        "- value: the keys 1 and '1'\n+ value: one key '1'"
    )
    assert diff(compare(Pair(1), (1, 0))) == (
        "- value: Pair(left=1, right=0) (Pair)\n+ value: (1, 0) (tuple)"
    )
    assert diff(compare(1, 1)) == ""


def test_of_many_losses_twenty_are_told():
    found = compare([(n,) for n in range(21)], [[n] for n in range(21)])
    assert len(found.losses) == 20
    assert diff(found).endswith("\n(more is lost than these 20)")
    assert compare([(n,) for n in range(20)], [[n] for n in range(20)]).cut == ""


def test_of_keys_that_change_alike_three_are_told():
    pushed, pulled = {n: n for n in range(9)}, {str(n): n for n in range(9)}
    assert [one.pushed for one in losses(pushed, pulled)] == ["the key 0", "the key 1", "the key 2"]


def test_circle_ends_and_says_so():
    one, other = [], []
    one.append(one)
    other.append(other)
    found = compare(one, other)
    assert found.losses == ()
    assert found.cut == "nothing below 100 levels was compared"


def test_huge_value_is_compared_in_part_and_says_so():
    found = compare(list(range(60_000)), [*range(59_999), "x"])
    assert found.losses == ()
    assert found.cut == "only the first 50,000 parts were compared"


def test_long_values_and_addresses_are_cut_out_of_a_diff():
    [loss] = losses(["x" * 10_000], [Plain(1)])
    assert len(loss.pushed) < 120
    assert "0x" not in loss.pulled


def test_libraries_that_are_not_loaded_are_not_imported():
    import subprocess
    import sys

    code = (
        "import sys; from dagproof.contracts.losses import losses; losses([1, {2: 3}], [1]);"
        "print({'numpy', 'pandas', 'scipy', 'airflow', 'hypothesis'} & set(sys.modules))"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "set()"
