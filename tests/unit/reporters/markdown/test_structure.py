"""Whatever texts a report holds, the page that GitHub makes of it has the same parts."""

import re
from collections import Counter

import pytest
from fixtures.reports import clean, full
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from dagproof.reporters.markdown import Links, render

PARSER = MarkdownIt("gfm-like", {"linkify": False})
OURS = re.compile(
    r"</?details>|</?summary>|</?code>|<wbr>|<br>|</?span>|</?details><summary>.*</summary>"
)
TEXT = st.text(st.characters(codec=None), max_size=80) | st.text("`|\n<>&*_[]()#@!~\\$ a1-+=.:\t")
ATTACKS = [
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "```\n# x\n```",
    "`````",
    "</details>\n\n# heading",
    "</summary><script>alert(1)</script>",
    "<!-- -->",
    "<!--",
    "<img src=x onerror=alert(1)>",
    "@octocat and @org/team, #123, GH-12, owner/name#4",
    "![x](http://a/b) [x](y) <http://x> https://x www.x",
    "`unclosed",
    "a ` b `` c ``` d",
    "\n\n- item\n- item",
    "1. one",
    "    indented",
    "\t\ttabs",
    "# heading",
    "---",
    "===",
    "> quote",
    "\u202e\u200b\ud800\x00\x1b[31m",
    "\\",
    "\\`x\\`",
    "a\\|b",
    "`a|b`",
    "$x$ $$y$$",
    "~~x~~ **y** __z__ _q_",
    "&lt;b&gt; &#124; &amp;",
    "[^1]: foot",
    "[x]: http://y",
    " ",
    "",
    ":tada: :100:",
    "<wbr>",
    "<details><summary>x</summary>",
]


def kinds(page):
    """Return what the page is made of: the kind of each token, within each other."""
    counted = Counter()
    for token in PARSER.parse(page):
        counted[token.type] += 1
        for child in token.children or ():
            if child.type not in {"text", "code_inline", "html_inline", "softbreak"}:
                counted[child.type] += 1
    return counted


def raw(page):
    """Return all raw HTML of the page, each element by itself."""
    for token in PARSER.parse(page):
        parts = [token] if token.type == "html_block" else token.children or ()
        for part in parts:
            if part.type in {"html_block", "html_inline"}:
                yield from re.findall(r"<!--|<[/!?a-zA-Z][^>]*>?", part.content)


def texts(page):
    """Yield the texts that GitHub looks through for mentions and the like: none of code."""
    for token in PARSER.parse(page):
        inside = False
        for child in token.children or ():
            if child.type == "html_inline":
                inside = child.content == "<code>" or (inside and child.content != "</code>")
            elif child.type == "text" and not inside:
                yield child.content


def saying(words):
    return full(lambda _: words)


REFERENCE = kinds(render(saying("word")))


def test_page_has_tables_headings_details_and_fences_to_compare():
    assert REFERENCE["table_open"] > 8
    assert REFERENCE["heading_open"] == 5
    assert REFERENCE["fence"] > 12
    assert REFERENCE["html_block"] > 20


@pytest.mark.parametrize("words", ATTACKS)
def test_attack_changes_no_part_of_the_page(words):
    check(words)


@given(TEXT)
@example("0.")
@settings(max_examples=60, deadline=None)
def test_no_text_changes_the_parts_of_the_page(words):
    check(words)


def check(words):
    page = render(saying(words))
    found = kinds(page)
    # Words that come to nothing leave a paragraph or an item empty; nothing else may differ.
    if words.strip():
        assert found == REFERENCE
    for kind in ("table_open", "tr_open", "td_open", "heading_open", "html_block", "link_open"):
        assert found[kind] == REFERENCE[kind], kind
    assert {element for element in raw(page) if not OURS.fullmatch(element)} == set()


@pytest.mark.parametrize("words", ["@octocat", "#123", "a @b-c/d", "GH-12", "o/r#7", "x@y.de"])
def test_nobody_is_pinged_and_nothing_is_linked(words):
    page = render(saying(words))
    for shown in texts(page):
        assert not re.search(r"@\w|#\d|\bGH-\d", shown)
    for token in PARSER.parse(page):
        if token.type == "html_block":
            bare = re.sub("<code>.*?</code>|&#\\d+;", "", token.content)
            assert not re.search(r"@\w|#\d|\bGH-\d", bare)


@pytest.mark.parametrize(
    "words", ["https://x.y/z", "www.x.y", "ftp://x", "|http://x", "|www.x.y", "|me@x.y"]
)
def test_addresses_are_no_links(words):
    for token in PARSER.parse(render(saying(words))):
        for child in token.children or ():
            if child.type == "text":  # also between `<code>` and `</code>`, where GFM makes links
                assert not re.search(r"(https?|ftp)://|www\.|@\w", child.content)


@pytest.mark.parametrize("words", [":tada:", "$x$", "$$y$$", "a:100:5"])
def test_nothing_becomes_a_picture_or_a_formula(words):
    for shown in texts(render(saying(words))):
        assert not re.search(r":[\w+-]+:|\$\S", shown)


@pytest.mark.parametrize("words", ["100%\udcff <x>.py", "a b/ü|c].py", "x)>.py"])
def test_link_to_a_place_stays_one_link(words):
    links = Links("https://host/o/r/blob/abc", "https://docs/rules")
    plain = kinds(render(saying("word"), links=links))

    found = kinds(render(saying(words), links=links))

    assert found["link_open"] == plain["link_open"] > 8


def test_clean_page_is_short_and_says_so_first():
    page = render(clean())

    assert page.startswith(
        "## ✅ dagproof: clean\n\nNo findings in 3 files; 1 run succeeded; 9.0 s."
    )
    assert "### Findings" not in page
