"""Nothing that a terminal obeys goes through, and cells are counted as terminals count them."""

import unicodedata
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dagproof.reporters.characters import cells, visible, visible_lines

ANY = st.text(st.characters(codec=None))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain text", "plain text"),
        ("\x1b[31mred", "\\x1b[31mred"),
        ("a\nb\r\tc", "a\\nb\\r\\tc"),
        ("\x7f\x9b1m", "\\x7f\\x9b1m"),
        ("\u202egnp.exe", "\\u202egnp.exe"),
        ("zero\u200bwidth", "zero\\u200bwidth"),
        ("\udcff.py", "\\udcff.py"),
        ("one\u2028two\u2029three\x85four", "one\\u2028two\\u2029three\\x85four"),
        ("\U000e0041", "\\U000e0041"),
        ("a\ufffe\uffffb", "a\\ufffe\\uffffb"),
        ("Zürich, 日本 and e\u0301 \\ ☃ \u00a0", "Zürich, 日本 and e\u0301 \\ ☃ \u00a0"),
    ],
)
def test_only_what_a_terminal_would_obey_is_written_out(text, shown):
    assert visible(text) == shown


@given(ANY)
def test_visible_text_stays_on_its_line_and_commands_nothing(text):
    shown = visible(text)

    assert not {unicodedata.category(one) for one in shown} & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert len(shown.splitlines()) == (1 if text else 0)
    assert visible(shown) == shown
    shown.encode()


@given(ANY)
def test_xml_can_carry_visible_text(text):
    element = ET.Element("failure")
    element.text = visible(text)
    read = ET.fromstring(ET.tostring(element))  # noqa: S314 - it is our own

    assert read.text == (visible(text) or None)


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("", []),
        (" \n\t\r\n ", []),
        ("one", ["one"]),
        ("\n\r\n  one\n\n    two \r\nthree \n\n \n", ["  one", "", "    two ", "three"]),
        ("a\tb\n\tc\nlonger\td", ["a   b", "    c", "longer  d"]),
        ("\x1b[31mred\n\u202eder", ["\\x1b[31mred", "\\u202eder"]),
    ],
)
def test_lines_of_a_text_are_visible_without_the_empty_ones_around_it(text, lines):
    assert visible_lines(text) == lines


@given(ANY)
def test_visible_lines_stay_on_their_lines(text):
    lines = visible_lines(text)

    assert all(visible(line) == line for line in lines)
    assert lines == "\n".join(lines).splitlines()


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("", 0),
        ("abc", 3),
        ("Zürich", 6),
        ("日本", 4),
        ("\uff71", 1),
        ("\uff21", 2),
        ("e\u0301\u0301", 1),
        ("a\u20dd", 1),
        ("\u1112\u1161\u11ab", 2),
        ("\u115f\u1160\u11ff", 2),
        ("\u1200", 1),
        ("🙂", 2),
        ("…", 1),
        ("\u3000", 2),
        ("\u2002", 1),
        ("\u034f", 0),
    ],
)
def test_cells_are_those_of_a_terminal(text, number):
    assert cells(text) == number
