"""Words that several formats share."""

import pytest

from dagproof.model import Finding, Kind, Severity, Span
from dagproof.reporters.words import codes, count, sentence


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


@pytest.mark.parametrize(
    ("also", "text"),
    [((), "DP102"), (("DP202",), "DP102+DP202"), (("DP202", "DP402"), "DP102+DP202+DP402")],
)
def test_codes_of_a_finding_are_joined_in_their_order(also, text):
    place = Span("x.py", 1, 1, 1, 2)
    finding = Finding("DP102", "s", Severity.NOTE, Kind.NETWORK, "m", "f", place, also=also)

    assert codes(finding) == text


def test_nouns_in_y_have_their_plural():
    assert (count(1, "try"), count(2, "try"), count(2, "day")) == ("1 try", "2 tries", "2 days")
