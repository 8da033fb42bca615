"""A comment covers the line it stands on or above, and only a real comment is one."""

import pytest

from dagproof.source.comments import ignores


def only(text):
    (found,) = ignores(text)
    return found


def test_comment_behind_code_covers_its_line():
    found = only("x = 1\nx = 2  # dagproof: ignore[DP101] it is cached\n")

    assert (found.words, found.reason, found.applies_to) == (
        ("DP101",),
        "it is cached",
        range(2, 3),
    )
    assert (found.line, found.column, found.end_column) == (2, 8, 46)
    assert found.excerpt == "x = 2  # dagproof: ignore[DP101] it is cached"
    assert not found.whole_file


def test_comment_on_a_line_of_its_own_covers_the_line_below():
    assert only("if x:\n    # dagproof: ignore[DP101] cached\n    y()\n").applies_to == range(3, 4)


def test_comments_in_a_row_cover_the_same_line():
    text = "# dagproof: ignore[DP101] a\n# why\n# dagproof: ignore[DP102] b\nx()\n"

    assert [found.applies_to for found in ignores(text)] == [range(4, 5)] * 2


@pytest.mark.parametrize("after", ["", "\n", "\n\nx()\n", "\n   \nx()\n", "\n# end"])
def test_comment_above_nothing_covers_nothing(after):
    assert not only(f"# dagproof: ignore[DP101] cached{after}").applies_to


def test_several_words_count_once_each():
    assert only("x # dagproof: ignore[ DP101,slow-import ,, DP101] r").words == (
        "DP101",
        "slow-import",
    )


@pytest.mark.parametrize("reason", ["", " ", " -", ":  ", "  # noqa: E501"])
def test_reason_can_be_missing(reason):
    assert only(f"x()  # dagproof: ignore[DP101]{reason}").reason == ""


@pytest.mark.parametrize(
    ("comment", "reason"),
    [
        ("ignore[DP101]: cached", "cached"),
        ("ignore[DP101] - cached, see #12", "cached, see #12"),
        ("ignore[DP101] cached # noqa: E501", "cached"),
        ("ignore [DP101] cached", "cached"),
    ],
)
def test_reason_is_told_from_its_surroundings(comment, reason):
    assert only(f"x()  # dagproof: {comment}").reason == reason


def test_comment_ends_before_the_next_one():
    found = only("x()  # noqa: F821 # dagproof: ignore[DP101] cached  # fmt: skip")

    assert found.excerpt[found.column - 1 : found.end_column - 1] == (
        "# dagproof: ignore[DP101] cached"
    )


def test_two_requests_in_one_comment_are_two():
    text = "x()  # dagproof: ignore[DP101] a # dagproof: ignore[DP102] b"

    assert [(found.words, found.reason) for found in ignores(text)] == [
        (("DP101",), "a"),
        (("DP102",), "b"),
    ]


@pytest.mark.parametrize(
    "request_", ["ignore", "ignore DP101", "ignor[DP101] r", "disable=DP101", ""]
)
def test_other_request_names_no_rule(request_):
    assert only(f"x()  # dagproof: {request_}").words == ()


def test_whole_file_is_covered_from_its_first_comments():
    found = only("#!/usr/bin/env python\n# Licence\n\n# dagproof: ignore-file[DP112] r\nx()\ny()\n")

    assert found.whole_file
    assert found.applies_to == range(1, 8)


def test_file_of_comments_alone_is_covered_too():
    assert only("# dagproof: ignore-file[DP112] r").applies_to == range(1, 2)


@pytest.mark.parametrize("above", ['"""Doc."""\n', "x()\n", "x()  "])
def test_whole_file_is_not_covered_from_further_down(above):
    found = only(f"{above}# dagproof: ignore-file[DP112] r\n")

    assert found.whole_file
    assert not found.applies_to


@pytest.mark.parametrize(
    "text",
    [
        's = "# dagproof: ignore[DP101] r"',
        '"""\n# dagproof: ignore[DP101] r\n"""',
        "# see dagproof: ignore[DP101] r",
        "",
    ],
)
def test_text_that_is_no_such_comment_is_none(text):
    assert ignores(text) == ()


def test_columns_count_characters():
    found = only("größe = '😀'  # dagproof: ignore[DP101] r")

    assert found.column == 14


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_end_as_python_says(end):
    text = f"x = '\x0c'{end}y()  # dagproof: ignore[DP101] r{end}"

    assert (only(text).line, only(text).reason) == (2, "r")


@pytest.mark.parametrize("rest", ["x = (\n", "  y\n x\n", "'''\n", "x = '\n"])
def test_comments_above_broken_code_are_still_found(rest):
    assert only(f"x()  # dagproof: ignore[DP101] r\n{rest}").line == 1


@pytest.mark.parametrize("comment", ["pure", "pure: no effects", "pure, and tried"])
def test_mark_of_a_pure_function_leaves_nothing_out(comment):
    assert ignores(f"def f():  # dagproof: {comment}\n    pass\n") == ()


@pytest.mark.parametrize("comment", ["purely", "pure[DP101]"])
def test_word_that_only_begins_like_it_is_a_comment_that_names_no_rule(comment):
    (one,) = ignores(f"def f():  # dagproof: {comment}\n    pass\n")

    assert one.words == ()
