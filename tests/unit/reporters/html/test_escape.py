"""Markup that always escapes."""

import pytest
from fixtures.markup import read
from hypothesis import given
from hypothesis import strategies as st

from dagproof.reporters.html.escape import Html, clean, joined, prose, shortened, tag


def test_text_is_escaped_and_markup_is_not():
    assert tag("p", "<b>&", Html("<i>x</i>")) == "<p>&lt;b&gt;&amp;<i>x</i></p>"


def test_attribute_cannot_end_its_quotes():
    assert tag("p", title="\"><script>'") == '<p title="&quot;&gt;&lt;script&gt;&#39;"></p>'


def test_names_of_attributes_have_hyphens():
    assert tag("p", class_="a", aria_label="b", http_equiv="c") == (
        '<p class="a" aria-label="b" http-equiv="c"></p>'
    )


def test_true_is_an_attribute_alone_and_false_and_none_are_none():
    assert tag("details", open=True, hidden=False, id=None) == "<details open></details>"


def test_numbers_have_one_decimal_at_most():
    assert tag("rect", x=1.25, y=2.0, width=3) == '<rect x="1.2" y="2" width="3"/>'


def test_element_without_end_has_none():
    assert tag("meta", charset="utf-8") == '<meta charset="utf-8">'


def test_numbers_and_nothing_are_children():
    assert tag("td", 3, None) == "<td>3</td>"


def test_text_between_is_escaped():
    assert joined(("a", "b"), " & ") == "a &amp; b"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\0b", r"a\x00b"),
        ("a\x1b[31m", r"a\x1b[31m"),
        ("\ud800", r"\ud800"),
        ("\u202etxt", r"\u202etxt"),
        ("\u2028", r"\u2028"),
        ("\uffff", r"\uffff"),
        ("a\r\nb", "a\nb"),
        ("a\rb", r"a\rb"),
        ("a\n\tb\n\n", "a\n\tb\n\n"),
        ("😀 née 漢字", "😀 née 漢字"),
    ],
)
def test_what_a_browser_would_obey_is_visible(text, shown):
    assert clean(text) == shown


@given(st.text(st.characters(codec=None)))
def test_any_text_is_one_text(text):
    page = tag("p", text, title=text)
    (element,) = read(page.encode("utf-8").decode()).children
    assert element.text == element.attributes["title"] == clean(text)
    assert not element.children


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("`a` and `b<`", "<code>a</code> and <code>b&lt;</code>"),
        ("``a`b`` c", "<code>a`b</code> c"),
        ("``now has `/opt` ``", "<code>now has `/opt`</code>"),
        ("one ` alone", "one ` alone"),
        ("`a\nb`", "`a\nb`"),
    ],
)
def test_what_stands_between_backticks_is_code(text, shown):
    assert prose(text) == shown


def test_long_text_has_its_two_ends_and_says_what_is_left_out():
    assert shortened("a" * 20 + "b" * 10, 12) == ("aaaaaaaa … [18 characters left out] … bbbb")
    assert shortened("a" * 12, 12) == "a" * 12


def test_ten_million_characters_are_shortened():
    assert len(prose("x" * 10_000_000)) < 2_100
