"""Pieces of the page: numbers as a person says them, tables, folds."""

import pytest
from fixtures.markup import read

from dagproof.reporters.html.parts import (
    fold,
    mark,
    more,
    pre,
    room,
    row,
    seconds,
    section,
    size,
    table,
)


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0.004, "0.00 s"), (9.994, "9.99 s"), (10.0, "10.0 s"), (59.94, "59.9 s"),
        (60.0, "1 min 0 s"), (61.5, "1 min 2 s"), (float("nan"), "?"), (float("inf"), "?"),
    ],
)  # fmt: skip
def test_seconds(number, said):
    assert seconds(number) == said


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (None, "?"), (0, "0 B"), (1023, "1023 B"), (1024, "1.0 KB"), (1024**2, "1.0 MB"),
        (5 * 1024**3, "5.0 GB"),
    ],
)  # fmt: skip
def test_size(number, said):
    assert size(number) == said


@pytest.mark.parametrize(
    ("state", "sign"), [("success", "✓"), ("failed", "✗"), ("timeout", "✗"), ("deferred", "…")]
)
def test_state_has_a_mark(state, sign):
    assert mark(state)[0] == sign


def test_room_is_shared():
    assert room(0) == room(1) == 20_000
    assert room(150) == 10_000
    assert room(1_000_000) == 600


def test_rest_is_counted():
    assert more(0, "file") is None
    assert more(-3, "file") is None
    assert more(2, "file") == '<p class="muted">2 more files in report.json.</p>'


def test_section_that_holds_nothing_is_nothing():
    assert section("runs", "Runs", "none", None) == ""
    assert read(section("runs", "Runs", "1 run", "x")).one("h2").text == "Runs1 run"
    assert not read(section("runs", "Runs", None, "x")).all("small")


def test_fold_is_closed_unless_asked_otherwise():
    assert fold("more", "x") == ('<details class="fold"><summary>more</summary>x</details>')
    assert "open" in read(fold("more", "x", unfolded=True)).one("details").attributes


def test_table_has_a_name_and_aligns_numbers():
    page = read(table("Times", ("what", "time#"), [row("lint", "1 s", numbers=(1,))]))
    assert page.one("div").attributes == {
        "class": "scroll", "role": "group", "aria-label": "Times", "tabindex": "0",
    }  # fmt: skip
    assert [one.attributes.get("class") for one in page.all("th")] == [None, "num"]
    assert [one.attributes.get("class") for one in page.all("td")] == [None, "num"]
    assert page.all("th")[1].text == "time"


def test_long_lines_are_cut_and_kept_apart():
    assert read(pre("\na\n  b\n\n", 10)).one("pre").text == "a\n  b"
    assert "[20 characters left out]" in pre("a" * 30, 10)
