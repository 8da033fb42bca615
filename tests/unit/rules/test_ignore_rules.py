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


def test_all_findings_of_a_comment_offer_the_same_edit():
    both = edits("x()  # dagproof: ignore[DP101,DP102] r", ("DP101", "DP102"))

    assert len(both) == 2
    assert len(set(both)) == 1


@pytest.mark.parametrize(
    ("words", "kept"),
    [("DP101,DP102", "DP102"), (" DP102 , DP101 ", "DP102"), ("DP102,DP101,x", "DP102, x")],
)
def test_words_of_use_stay(words, kept):
    (edit,) = edits(f"y = [x()]  # dagproof: ignore[{words}] r")

    assert (edit.span, edit.text) == (Span("a.py", 1, 31, 1, 31 + len(words)), kept)
