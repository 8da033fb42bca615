"""Equal bytes have equal digests, and ids that MLflow made up do not count."""

import pytest

from dagproof.services.snapshots import digests as module
from dagproof.services.snapshots.digests import Digests

ONE, TWO = "0123456789abcdef" * 2, "fedcba9876543210" * 2
MODEL = f"m-{ONE}"


@pytest.fixture
def digests():
    digests = Digests()
    digests.learn({ONE, TWO, MODEL})
    return digests


def digest(digests, data, known="", key=None):
    return digests.digest(key or data, len(data), known, lambda: data)


def test_without_ids_a_known_digest_costs_no_reading():
    assert Digests().digest("k", 3, "etag", lambda: pytest.fail("read")) == "etag"


def test_large_content_is_not_read_where_a_digest_is_known(digests, monkeypatch):
    monkeypatch.setattr(module, "SMALL", 10)
    assert digests.digest("k", 11, "etag", lambda: pytest.fail("read")) == "etag"


def test_large_content_is_read_as_it_is_where_none_is_known(digests, monkeypatch):
    monkeypatch.setattr(module, "SMALL", 10)
    assert digest(digests, ONE.encode()) != digest(digests, TWO.encode())


def test_ids_do_not_count_and_everything_else_does(digests):
    texts = [f'{{"run": "{one}"}}'.encode() for one in (ONE, TWO)]
    first, second = (digest(digests, text, f"etag{number}") for number, text in enumerate(texts))
    assert first == second
    assert digest(digests, b'{"run": "other"}', "etag2") == "etag2"
    unknown = "ab" * 16
    assert digest(digests, unknown.encode(), "etag3") == "etag3"


def test_content_is_read_once(digests):
    reads = []
    for _ in range(2):
        digests.digest("k", 3, "e", lambda: reads.append(1) or b"abc")
    assert len(reads) == 1


def test_digest_without_ids_is_the_same_before_and_after_some_are_known():
    before = Digests()
    first = digest(before, b"text \xff")
    after = Digests()
    after.learn({ONE})
    assert first == digest(after, b"text \xff")


def test_plain_text_has_stars_for_known_ids_alone(digests):
    assert digests.plain(f"s3://b/{ONE}/models/{MODEL}") == "s3://b/*/models/*"
    assert digests.plain(f"{ONE}{TWO}") == f"{ONE}{TWO}", "a longer number is no id"
    assert digests.plain("ab" * 16) == "ab" * 16
    assert Digests().plain(ONE) == ONE
