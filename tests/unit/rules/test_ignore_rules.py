"""An unused comment goes without taking anything else along."""

import pytest

from dagproof.model import Span
from dagproof.rules.dp190_unused_ignore import check
from dagproof.source.comments import JudgedIgnore, ignores


def edits(text, unused=("DP101",)):
    (ignore,) = ignores(text)
    return [edit for hit in check(JudgedIgnore("a.py", ignore, unused, ())) for edit in hit.edits]


@pytest.mark.parametrize(
    ("text", "span"),
    [
        ("x()  # dagproof: ignore[DP101] r\n", (1, 4, 1, 33)),
        ("x()  # dagproof: ignore[DP101] r  # noqa: F821\n", (1, 4, 1, 33)),
        ("x()  # noqa: F821  # dagproof: ignore[DP101] r\n", (1, 18, 1, 47)),
        ("  # dagproof: ignore[DP101] r\n  x()\n", (1, 1, 2, 1)),
        ("  # dagproof: ignore[DP101] r  # why\n  x()\n", (1, 3, 1, 30)),
    ],
)
def test_comment_is_removed_with_the_blanks_before_it(text, span):
    (edit,) = edits(text)

    assert (edit.span, edit.text) == (Span("a.py", *span), "")


def test_comment_goes_once_though_all_its_words_are_useless():
    assert len(edits("x()  # dagproof: ignore[DP101,DP102] r", ("DP101", "DP102"))) == 1


def test_comment_stays_while_one_of_its_words_is_of_use():
    assert edits("x()  # dagproof: ignore[DP101,DP102] r", ("DP102",)) == []
