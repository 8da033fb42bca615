"""Columns line up on a terminal, and nothing is wider than it needs to be."""

from dagproof.reporters.table import table


def test_columns_are_as_wide_as_their_widest_cell():
    assert table(("a", "long head"), [("wide cell", "x"), ("", "y")]) == (
        "a          long head\n─────────  ─────────\nwide cell  x\n           y"
    )


def test_head_stands_alone_without_rows():
    assert table(("a", "bc"), []) == "a  bc\n─  ──"


def test_columns_line_up_below_wide_and_combining_characters():
    assert table(("file", "n"), [("日本語", "1"), ("e\u0301", "2")]) == (
        "file    n\n──────  ─\n日本語  1\ne\u0301       2"
    )
