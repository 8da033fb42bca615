"""Secrets in values are found by their shape, their name or the masker, and shown nowhere."""

import dataclasses
from typing import NamedTuple

import pytest

from dagproof.contracts.secrets_in import redacted, secrets_in

KEY = "AKIA" + "IOSFODNN7ABCDEFG"
PASSWORD = "k7Gq-2vXw"
RANDOM = "9f8a7b6c5d4e3f2a1b0c"


class Login(NamedTuple):
    """A tuple with names."""

    host: str
    password: str


@dataclasses.dataclass
class Target:
    """A record."""

    password: str


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (KEY, ""),
        ([1, {"a": (KEY,)}], '[1]["a"][0]'),
        ({"password": PASSWORD}, '["password"]'),
        ({"db": {"db_password": PASSWORD}}, '["db"]["db_password"]'),
        ({"passwords": ["x"], "password": [PASSWORD]}, '["password"][0]'),
        (Login("db", PASSWORD), ".password"),
        ([Target(PASSWORD)], "[0].password"),
        ({"api_key": RANDOM}, '["api_key"]'),
        ("postgresql://etl:k7Gq2vXw@db/prod", ""),
    ],
)
def test_secret_is_found_with_its_path(value, path):
    assert [one.path for one in secrets_in(value)] == [path]


@pytest.mark.parametrize(
    "value",
    [
        {"password": None},
        {"password": "***"},
        {"password": "{{ conn.db.password }}"},
        {"password": ""},
        {"tokens": 512, "max_tokens": "512"},
        {"next_page_token": RANDOM},
        {"secret": "projects/one/secrets/two"},
        {"token_path": "/run/secrets/token"},
        {"uri": "s3://bucket/key"},
        "postgresql://db/prod",
        {"name": "password"},
        {"run_id": RANDOM},
        "x" * 20_000 + KEY,
        object(),
        12,
    ],
)
def test_what_is_no_secret_is_silent(value):
    assert secrets_in(value) == []


def test_names_that_the_masker_hides_count_where_their_values_look_like_keys():
    hides = {"model_hash": True, "tokenizer": True}.get
    sensitive = lambda name: bool(hides(name))  # noqa: E731 - shorter than a function
    assert secrets_in({"model_hash": RANDOM}) == []
    assert len(secrets_in({"model_hash": RANDOM}, is_sensitive=sensitive)) == 1
    assert secrets_in({"tokenizer": "bert-base-uncased"}, is_sensitive=sensitive) == []
    assert secrets_in({"other": RANDOM}, is_sensitive=sensitive) == []


def test_text_that_the_masker_knows_is_a_secret_whatever_its_name():
    [secret] = secrets_in(["plain", "k7"], is_masked="k7".__eq__)
    assert (secret.path, secret.words) == ("[1]", "A secret of a connection or variable")


def test_secrets_are_taken_out_of_texts_the_longer_ones_first():
    secrets = secrets_in({"password": PASSWORD, "b": {"password": PASSWORD + "'\n"}})
    text = redacted(f"{PASSWORD} {PASSWORD + chr(39)!r} {[PASSWORD]}", secrets)
    assert PASSWORD not in text
    assert redacted("nothing", secrets) == "nothing"


def test_circles_and_crowds_end():
    circle: list[object] = [KEY]
    circle.append(circle)
    assert len(secrets_in(circle)) == 1
    assert secrets_in([0] * 30_000 + [KEY]) == []
