"""When a logged value is what was expected, and how both are shown."""

import enum
import math
import sys

import pytest

from dagproof.tracking_assertions import values

NAN, INF, LARGEST = math.nan, math.inf, sys.float_info.max


class Colour(enum.Enum):
    """MLflow stores its `str()`."""

    GREEN = 1


@pytest.mark.parametrize(
    ("expected", "logged"),
    [
        ("2023", "2023"),
        (2023, "2023"),
        (0.1, "0.1"),
        (True, "True"),
        (None, "None"),
        ([1, 2], "[1, 2]"),
        (Colour.GREEN, "Colour.GREEN"),
        (..., "whatever"),
        (str.isdigit, "12"),
        (pytest.approx(0.1), "0.1000000001"),
        ("x" * 7000, "x" * 6000),
    ],
)
def test_text_is_compared_as_mlflow_stores_it(expected, logged):
    assert values.judge_text(expected, logged) is None


@pytest.mark.parametrize(
    ("expected", "logged"),
    [
        ("2023", "2024"),
        (1, "1.0"),
        (True, "true"),
        (str.isdigit, "a"),
        (pytest.approx(0.1), "0.2"),
        (pytest.approx(0.1), "none of them"),
        ("x" * 7000, "x" * 5999),
    ],
)
def test_other_text_is_another(expected, logged):
    assert values.judge_text(expected, logged) == ""


def test_predicate_that_raises_does_not_hold_and_says_so():
    note = values.judge_text(lambda text: text > 1, "a")
    assert note.startswith("it raised TypeError: '>' not supported")


@pytest.mark.parametrize(
    ("expected", "logged"),
    [
        (7, 7.0),
        (7.04, 7.04),
        (pytest.approx(7.04, abs=0.01), 7.045),
        (NAN, NAN),
        (INF, INF),
        (INF, LARGEST),
        (-INF, -LARGEST),
        (LARGEST, LARGEST),
        (..., NAN),
        (math.isnan, NAN),
        (math.isinf, LARGEST),
        ((0.5, 1), 0.5),
        ((0.5, 1), 1.0),
        ((None, 1), -INF),
        ((0.5, None), LARGEST),
    ],
)
def test_number_is_what_is_expected(expected, logged):
    assert values.judge_number(expected, logged) is None


@pytest.mark.parametrize(
    ("expected", "logged"),
    [
        (7, 7.1),
        (pytest.approx(7.04, abs=0.01), 7.1),
        (NAN, 0.0),
        (0.0, NAN),
        (INF, -LARGEST),
        (1.0, INF),
        (lambda number: number > 1, 1.0),
        ((0.5, 1), 1.01),
        ((0.5, 1), NAN),
        ((0.5, None), 0.4),
        ((None, 1), INF),
    ],
)
def test_number_is_another(expected, logged):
    assert values.judge_number(expected, logged) == ""


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        (..., "any"),
        (str.isdigit, "a value for which `isdigit` holds"),
        (2023, "2023"),
        ("", "''"),
        (" a", "' a'"),
        ("a\nb", r"'a\nb'"),
        ("2023-01", "2023-01"),
    ],
)
def test_expected_value_reads_on_one_line(expected, words):
    assert values.shown(expected) == words


@pytest.mark.parametrize(
    ("expected", "words"),
    [
        ((0.5, 1), "from 0.5 to 1"),
        ((None, 1), "at most 1"),
        ((0.5, None), "at least 0.5"),
        (7.04, "7.04"),
    ],
)
def test_bounds_read_as_such(expected, words):
    assert values.shown_number(expected) == words


@pytest.mark.parametrize(
    ("logged", "words"),
    [
        (467.0, "467"),
        (7.04, "7.04"),
        (NAN, "nan"),
        (INF, "inf"),
        (LARGEST, "inf"),
        (-LARGEST, "-inf"),
        (1e300, "1e+300"),
    ],
)
def test_metric_reads_as_it_was_logged(logged, words):
    assert values.number(logged) == words


def test_short_texts_stand_side_by_side_whole():
    assert values.side_by_side("a", "b") == ("a", "b")


def test_long_texts_are_cut_to_where_they_differ():
    same = "s" * 500
    assert values.side_by_side(f"{same}1", f"{same}2{same}") == (
        f"…{'s' * 30}1",
        f"…{'s' * 30}2{'s' * 89}…",
    )


def test_long_text_that_the_other_begins_is_cut_to_its_end():
    assert values.side_by_side("s" * 500, "s" * 501) == (f"…{'s' * 30}", f"…{'s' * 31}")


def test_long_text_that_differs_at_once_is_shown_from_its_beginning():
    assert values.side_by_side("a" * 200, "b") == (f"{'a' * 120}…", "b")
