"""The carets stand below what they mean, whatever the line is made of and however long it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagproof.model import Span
from dagproof.reporters.characters import cells, visible
from dagproof.reporters.excerpt import underlined
from dagproof.reporters.text import plain


def below(line, column, end_column, end_line=3):
    return underlined(line, Span("x.py", 3, column, end_line, end_column))


def blanks(number):
    return " " * number


def test_carets_are_below_the_span():
    assert below("x = f(1)", 5, 9) == ("x = f(1)", "    ^^^^")


def test_span_that_inserts_has_one_caret():
    assert below("f()", 3, 3) == ("f()", "  ^")


def test_span_that_goes_on_is_underlined_to_the_end_of_its_line():
    assert below("f(1,  ", 1, 2, end_line=4) == ("f(1,  ", "^^^^")


def test_span_behind_the_line_has_its_caret_there():
    assert below("f()", 9, 12) == ("f()", "   ^")


def test_span_that_ends_behind_the_line_is_underlined_to_its_end():
    assert below("f()", 2, 90) == ("f()", " ^^")


def test_tab_is_four_blanks():
    assert below("\tf(\t)", 2, 6) == ("    f(    )", "    ^^^^^^^")


def test_wide_character_has_a_wide_blank_and_two_carets():
    assert below("日本 = 語()", 6, 9) == ("日本 = 語()", "\u3000\u3000   ^^^^")


def test_combining_character_takes_no_place():
    assert below("e\u0301 = f()", 6, 9) == ("e\u0301 = f()", " \u034f   ^^^")


def test_escape_takes_the_place_of_its_letters():
    assert below("\x1b[0m f()", 6, 9) == ("\\x1b[0m f()", "        ^^^")


def test_line_of_a_hundred_cells_is_whole():
    line = "a" * 97 + "f()"

    assert below(line, 98, 101) == (line, blanks(97) + "^^^")


def test_longer_line_is_cut_behind_the_caret():
    assert below("f()" + "a" * 98, 1, 4) == ("f()" + "a" * 97 + "…", "^^^")


def test_longer_line_is_cut_before_the_caret_where_that_is_enough():
    shown, carets = below("a" * 200 + "f()", 201, 204)

    assert shown == "…" + "a" * 97 + "f()"
    assert carets == "\u2002" + blanks(97) + "^^^"


def test_longer_line_is_cut_on_both_sides_of_the_caret():
    shown, carets = below("a" * 200 + "f()" + "b" * 200, 201, 204)

    assert shown == "…" + "a" * 30 + "f()" + "b" * 67 + "…"
    assert carets == "\u2002" + blanks(30) + "^^^"


def test_cut_counts_cells_not_characters():
    shown, _ = below("日" * 200 + "f()" + "本" * 200, 201, 204)

    assert shown == "…" + "日" * 15 + "f()" + "本" * 33 + "…"


def test_cut_keeps_what_is_nearest_to_the_caret():
    shown, carets = below("日" * 50 + "a" * 50 + "f()" + "b" * 200, 101, 104)

    assert shown == "…" + "a" * 30 + "f()" + "b" * 67 + "…"
    assert carets == "\u2002" + blanks(30) + "^^^"


def test_span_that_is_cut_is_underlined_to_the_cut():
    shown, carets = below("f(" + "a" * 500 + ")", 1, 504)

    assert shown == "f(" + "a" * 98 + "…"
    assert carets == "^" * 100


@pytest.mark.timeout(10)
def test_megabytes_on_one_line_are_cut_at_once():
    line = "a" * 3_000_000

    for _ in range(200):  # a minute, if all of it were looked at
        assert len(below(line, 1_500_000, 1_500_003)[0]) == 102


LINES = st.text(st.sampled_from("a (日\u0301\t\x1b\u202e"), max_size=250)


@given(LINES, st.data())
def test_carets_are_below_the_span_in_any_line(line, data):
    at = data.draw(st.integers(0, len(line)))
    until = data.draw(st.integers(at, len(line)))
    shown, carets = below(line, at + 1, until + 1)
    before = carets.rstrip("^")
    rest = shown[len(before) :].removesuffix("…")
    marked = "".join("    " if one == "\t" else visible(one) for one in line[at:until])

    assert cells(shown[: len(before)]) == cells(before)
    assert rest.startswith(marked) or marked.startswith(rest)
    assert len(carets) - len(before) == max(1, min(cells(marked), cells(rest)))
    assert cells(shown) <= 102


@pytest.mark.parametrize("line", ["日本 = 語()", "e\u0301 = f()", "é = f()", "a" * 200 + "f()"])
def test_carets_keep_their_place_on_an_ascii_terminal(line):
    column = line.index("(") + 1
    shown, carets = below(line, column, column + 1)

    assert plain(shown)[len(plain(carets)) - 1] == "("
    assert plain(carets).strip(" ") == "^"
