"""Limits are compared as numbers and as durations."""

import pytest

from dagproof.airflow_compat.shape_texts import duration
from dagproof.diffing.harm import number, rises


@pytest.mark.parametrize("seconds", [0, 0.5, 59, 60, 3600, 86400, 90061.25, 1e9])
def test_duration_is_read_as_it_was_written(seconds):
    assert number(duration(seconds)) == seconds


@pytest.mark.parametrize("text", ["", "soon", "1h soon", "h", "1x"])
def test_what_is_no_number_is_none(text):
    assert number(text) is None


@pytest.mark.parametrize(
    ("before", "after", "higher"),
    [("1", "2", True), ("2", "1", False), ("1h", "61m", True), ("", "1", False), ("1", "", True),
     ("1", "1", False), ("x", "1", None), ("1", "x", None), ("9", "10", True)],
)  # fmt: skip
def test_limit_that_is_not_there_is_the_highest(before, after, higher):
    assert rises(before, after) is higher
