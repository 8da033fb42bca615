"""What a user lets through, and what good code makes of a refusal."""

import pytest

from dagproof.import_audit.refusals import (
    Allowed,
    Refused,
    RefusedAccessError,
    RefusedConnectionError,
    RefusedHookError,
    allowed,
)
from dagproof.model import Kind, UsageError

WORDS = {
    "network": {Kind.NETWORK, Kind.DATABASE, Kind.MLFLOW, Kind.AIRFLOW_METADATA},
    "filesystem-write": {Kind.FILESYSTEM_WRITE},
    "subprocess": {Kind.SUBPROCESS},
    "database": {Kind.DATABASE},
    "mlflow": {Kind.MLFLOW},
}


@pytest.mark.parametrize(
    ("refusal", "expected"),
    [
        (RefusedConnectionError, ConnectionRefusedError),
        (RefusedAccessError, PermissionError),
        (RefusedHookError, RuntimeError),
    ],
)
def test_refusal_is_what_good_code_expects_and_what_we_know(refusal, expected):
    assert issubclass(refusal, expected)
    assert issubclass(refusal, Refused)


def test_nothing_is_let_through_unasked():
    assert not any(Allowed().covers(kind, "") for kind in Kind)
    assert allowed([]) == Allowed()


@pytest.mark.parametrize(("word", "kinds"), WORDS.items(), ids=WORDS)
def test_word_lets_its_kinds_through_and_no_other(word, kinds):
    given = allowed([word])

    assert {kind for kind in Kind if given.covers(kind, "anything at all")} == kinds


def test_words_add_up():
    given = allowed(["mlflow", "subprocess:git *"])

    assert given.covers(Kind.MLFLOW, "")
    assert given.covers(Kind.SUBPROCESS, "git status")
    assert not given.covers(Kind.SUBPROCESS, "rm -rf /")
    assert not given.covers(Kind.NETWORK, "git status")


@pytest.mark.parametrize(
    ("glob", "detail", "covered"),
    [
        ("config.internal", "config.internal:443", True),
        ("config.internal", "config.internal", True),
        ("config.internal:443", "config.internal:443", True),
        ("config.internal:443", "config.internal:80", False),
        ("config.internal:443", "config.internal", False),
        ("*.internal", "config.internal:443", True),
        ("*.internal", "config.internal.evil.test:443", False),
        ("config.internal", "evilconfig.internal:443", False),
        ("config.internal", "config.internal.evil.test", False),
        ("10.0.0.?", "10.0.0.7:5432", True),
        ("10.0.0.[1-3]", "10.0.0.7:5432", False),
        ("CONFIG.internal", "config.internal:443", False),
        ("::1", "::1:5432", True),
        ("rates.test", "https://rates.test/today", True),
        ("rates.test:443", "https://rates.test/today", True),
        ("rates.test:80", "http://rates.test", True),
        ("rates.test:21", "ftp://rates.test/x", True),
        ("rates.test:80", "https://rates.test/today", False),
        ("rates.test:8443", "https://user:word@rates.test:8443/today", True),
        ("rates.test", "https://user:word@rates.test:8443/today", True),
        ("https://rates.test/*", "https://rates.test/today", True),
        ("rates.test", "https://evil.test/rates.test", False),
        ("rates.test", "https://rates.test@evil.test/", False),
    ],
)
def test_glob_covers_host_or_host_and_port(glob, detail, covered):
    assert allowed([f"network:{glob}"]).covers(Kind.NETWORK, detail) is covered


@pytest.mark.parametrize(
    ("glob", "path", "covered"),
    [
        ("/data/*", "/data/raw/a.csv", True),
        ("/data/*", "/database/a.csv", False),
        ("/data/a.csv", "/data/a.csv", True),
        ("/data/a.csv", "/data/a.csv:stream", False),
        ("/data/*.csv", "/data/a.csv", True),
        ("/data/*.csv", "/data/a.pkl", False),
    ],
)
def test_glob_covers_a_whole_path(glob, path, covered):
    assert allowed([f"filesystem-write:{glob}"]).covers(Kind.FILESYSTEM_WRITE, path) is covered


def test_kinds_are_asked_about_whatever_is_done():
    given = allowed(["network:rates.test", "subprocess:git"])

    assert given.lets_through(Kind.NETWORK)
    assert given.lets_through(Kind.FILESYSTEM_WRITE, Kind.SUBPROCESS)
    assert not given.lets_through(Kind.FILESYSTEM_WRITE)
    assert not given.lets_through()
    assert not Allowed().lets_through(*Kind)


def test_command_is_covered_as_a_whole():
    given = allowed(["subprocess:git", "subprocess:host"])

    assert given.covers(Kind.SUBPROCESS, "git")
    assert not given.covers(Kind.SUBPROCESS, "git:x")
    assert not given.covers(Kind.SUBPROCESS, "ssh://host/x")


@pytest.mark.parametrize("word", ["", ":", "networks", "network:", ":x", "NETWORK", "net work:x"])
def test_word_that_names_nothing_is_refused_with_all_that_would(word):
    with pytest.raises(UsageError) as raised:
        allowed(["network", word])

    text = str(raised.value)
    assert text.startswith(f"--allow: `{word}` names nothing that can be let through; use ")
    assert all(f"{name}[:GLOB]" in text for name in WORDS)


def test_refusal_of_a_word_says_where_it_stands():
    with pytest.raises(UsageError, match=r"^tool\.dagproof\.allow: `x` names nothing"):
        allowed(["x"], "tool.dagproof.allow")
