"""Long texts are cut before anything slow is done with them."""

import time

import pytest

from dagproof.reporters.shorten import one_line, some_lines


@pytest.mark.parametrize(
    ("text", "most", "shown"),
    [
        ("", 5, ""),
        ("abcde", 5, "abcde"),
        ("abcdef", 5, "abcd…"),
        ("a\nb", 5, "a\\nb"),
        ("\x1b\x1b", 5, "\\x1b…"),
    ],
)
def test_line_is_no_longer_than_that(text, most, shown):
    assert one_line(text, most) == shown
    assert len(shown) <= most


def test_short_text_is_told_whole():
    assert some_lines("one\n\ttwo\n\x1bthree\n") == ["one", "    two", "\\x1bthree"]


def test_lines_between_the_first_and_the_last_are_counted():
    lines = [f"line {number}" for number in range(100)]

    assert some_lines("\n".join(lines), 2, 3) == [
        "line 0", "line 1", "… 95 more lines …", "line 97", "line 98", "line 99",
    ]  # fmt: skip


def test_exactly_as_many_lines_as_are_told_are_all_told():
    assert some_lines("a\nb\nc\nd\ne", 2, 3) == ["a", "b", "c", "d", "e"]


def test_long_line_is_cut():
    [line] = some_lines("x" * 1_000)

    assert line == "x" * 399 + "…"


def test_head_alone():
    assert some_lines("a\nb\nc", 1, 0) == ["a", "… 2 more lines …"]
    assert some_lines("a\n" * 100_000, 1, 0) == ["a", "… 100,000 more lines …"]


def test_ten_megabytes_take_no_time():
    text = "first\n" + "\x1bline\n" * 1_700_000 + "last"
    begin = time.perf_counter()
    lines = some_lines(text)

    assert time.perf_counter() - begin < 0.5
    assert lines[0] == "first"
    assert lines[20] == "… 1,699,922 more lines …"
    assert lines[-1] == "last"
    assert len(lines) == 81


def test_one_line_of_ten_megabytes_is_two_ends():
    lines = some_lines("x" * 10_000_000)

    assert len(lines) == 3
    assert all(len(line) <= 400 for line in lines)
