"""Words that several formats share."""

import pytest

from dagproof.reporters.words import count, sentence


@pytest.mark.parametrize(
    ("number", "text"),
    [(0, "0 files"), (1, "1 file"), (2, "2 files"), (1500, "1,500 files")],
)
def test_noun_follows_its_number(number, text):
    assert count(number, "file") == text


@pytest.mark.parametrize("text", ["It runs.", "It runs!", "Does it?", "It runs and …"])
def test_sentence_that_has_an_end_stays(text):
    assert sentence(text) == text


@pytest.mark.parametrize("text", ["", "`x()` runs", "(It runs.)"])
def test_sentence_without_an_end_gets_a_full_stop(text):
    assert sentence(text) == f"{text}."
