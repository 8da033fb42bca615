"""No secret stays in a report, and nothing else is touched."""

import base64
import html
import json
import time
from collections import namedtuple
from dataclasses import dataclass, replace
from enum import StrEnum

import pytest
from fixtures.reports import clean, full, span
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from dagproof.model import ContractTrace, Counterexample, DagOutcome, Report, TaskOutcome
from dagproof.reporters import github, junit, markdown, sarif, text
from dagproof.reporters import json as json_report
from dagproof.reporters.html import render as html_render
from dagproof.reporters.known_secrets import known_secrets
from dagproof.reporters.masking import masked, masker

SECRET = "q7#Zr!\"x/<&'\\é9"
PEM = """-----BEGIN RSA PRIVATE KEY-----
MIIEvAIBADANBgkqhkiG9w0B
abc=
-----END RSA PRIVATE KEY-----"""
FORMATS = {
    "text": text.render,
    "json": json_report.render,
    "github": github.render,
    "sarif": sarif.render,
    "markdown": markdown.render,
    "junit": junit.render,
    "html": html_render,
}


def with_xcom(value):
    task = TaskOutcome("a", -1, "success", 1, 0.0, xcoms={"k": value})
    return Report(runs=(DagOutcome("d", "r", "success", (task,), 1.0),))


def xcom(value, *secrets):
    return masked(with_xcom(value), secrets).runs[0].tasks[0].xcoms["k"]


def test_report_without_secrets_is_the_same_object():
    report = full()

    assert masked(report, ["not-in-there"]) is report


def test_only_what_holds_a_secret_is_made_anew():
    report = full()
    report = replace(report, notes=("the password is hunter2!",))
    after = masked(report, ["hunter2!"])

    assert after.notes == ("the password is ***",)
    assert after.findings is report.findings
    assert after.runs is report.runs


def test_words_of_rules_stay():
    rule = replace(full().rules[0], bad='password = "hunter2!"')
    report = Report(rules=(rule,), notes=("hunter2!",))

    assert masked(report, ["hunter2!"]).rules is report.rules


@pytest.mark.parametrize("name", FORMATS)
@given(
    st.text(st.characters(codec=None), min_size=6, max_size=40),
    st.sampled_from(["{}", "a {} b", "{0}{0}", "`{}`", "\n{}\n"]),
)
@settings(max_examples=25, deadline=None)
def test_no_secret_is_left_in_any_format(name, secret, around):
    assume(len(secret.strip()) >= 6)
    secrets = known_secrets({"MY_PASSWORD": secret})
    assume(secret in secrets)
    render = FORMATS[name]
    # What stands there without it: our own words, and marks of the format.
    expected = render(full(lambda _: around.format("***")))
    assume(all(form not in expected for form in secrets))

    shown = render(masked(full(lambda _: around.format(secret)), secrets))

    assert [form for form in secrets if form in shown or form in html.unescape(shown)] == []


def test_every_format_shows_the_secret_of_a_report_that_is_not_masked():
    for render in FORMATS.values():
        assert "hunter2hunter2" in render(full(lambda _: "hunter2hunter2"))


@pytest.mark.parametrize(
    "shown",
    [
        SECRET,
        json.dumps(SECRET),
        json.dumps(json.dumps(SECRET)),
        repr(SECRET),
        ascii(SECRET),
        "q7%23Zr%21%22x%2F%3C%26%27%5C%C3%A99",
        "q7%23Zr%21%22x/%3C%26%27%5C%C3%A99",
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(b"user:" + SECRET.encode()).decode(),
        base64.b64encode(b"me:" + SECRET.encode() + b"\n").decode(),
        base64.urlsafe_b64encode(b"x" + SECRET.encode() + b"tail").decode(),
    ],
)
def test_secret_is_known_in_all_its_forms(shown):
    mask = masker(known_secrets({"API_TOKEN": SECRET}))

    after = mask(f"before {shown} after")

    assert after.startswith("before ")
    assert after.endswith(" after")
    assert "***" in after
    assert len(after) < len("before  after") + 14  # base64 may leave what it shares with neighbours


@pytest.mark.parametrize(
    ("value", "after"),
    [
        (["a", {"k": "hunter2!"}], ["a", {"k": "***"}]),
        (("hunter2!", 1), ("***", 1)),
        ({"hunter2!", 1}, {"***", 1}),
        ({"hunter2!": 1, "hunter2!x": 2}, {"***": 1, "***x": 2}),
        ({"hunter2!": 1, "my hunter3!": 2}, {"***": 1, "my ***": 2}),
        (b"hunter2!", "b'***'"),
        (True, True),
        (123456, 123456),
        (None, None),
    ],
)
def test_values_keep_their_shape(value, after):
    assert xcom(value, "hunter2!", "hunter3!") == after


def test_keys_that_become_alike_stay_two():
    assert xcom({"hunter2!": 1, "hunter3!": 2}, "hunter2!", "hunter3!") == {"***": 1, "*** 2": 2}


def test_named_tuples_stay_what_they_are():
    pair = namedtuple("pair", "user password")  # noqa: PYI024 - as users write it

    assert xcom(pair("me", "hunter2!"), "hunter2!") == pair("me", "***")


def test_value_of_a_foreign_class_becomes_its_masked_repr():
    @dataclass
    class Login:
        key_of: str

    assert "Login(key_of='***')" in xcom(Login("hunter2!"), "hunter2!")
    login = Login("harmless")
    assert xcom(login, "hunter2!") is login


def test_value_whose_repr_fails_ends_nothing():
    class Odd:
        def __repr__(self):
            raise ValueError("hunter2!")

    odd = Odd()
    assert xcom(odd, "hunter2!") is odd


def test_value_that_holds_itself_is_masked_where_it_can_be():
    value = ["hunter2!"]
    value.append(value)

    assert plain(xcom(value, "hunter2!")) == ["***", "['***', [...]]"]
    assert xcom(value, "harmless") is value


def test_nesting_without_end_ends_nothing():
    value = "hunter2!"
    for _ in range(5_000):
        value = [value]

    assert "hunter2!" not in repr(plain(xcom(value, "hunter2!")))


def plain(value):
    from dagproof.reporters.values import plain_value

    return plain_value(value)


def test_enumerations_stay():
    class Word(StrEnum):
        SECRET = "hunter2!"

    assert xcom(Word.SECRET, "hunter2!") is Word.SECRET


def test_conf_of_a_counterexample_is_masked():
    example = Counterexample("x", "m", span(), conf={"key": ["hunter2!"]})
    report = masked(Report(contracts=(ContractTrace("a.py", (), (example,)),)), ["hunter2!"])

    assert report.contracts[0].counterexamples[0].conf == {"key": ["***"]}


@pytest.mark.parametrize(
    ("words", "after"),
    [
        ("id AKIA2E0A8F3B244C9986 x", "id *** x"),
        (f"a ghp_{'a1B2' * 9} b", "a *** b"),
        (f"github_pat_{'a1B2' * 11}", "***"),
        ("xoxb-123456789012-abcdefghij", "***"),
        (f"AIza{'a1B2c' * 7}", "***"),
        ("Bearer eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM0.SflKxwRJSMeKKF2QT4", "Bearer ***"),
        ("at postgresql://me:s3cr3t!@db/x", "at postgresql://me:***@db/x"),
        (f"k: {PEM}\nrest", "k: ***\nrest"),
        ("-----BEGIN PRIVATE KEY-----\\nMIIEvAIBADANBgkqhkiG9w0B\\n", "***"),
        ("postgresql://dagproof:dagproof@127.0.0.1:5432/x", None),
        ("postgresql://airflow:airflow@db/airflow", None),
        ("postgresql://me:postgres@db/x", None),
        ("postgresql://me:${PASSWORD}@db/x", None),
        ("postgresql://me:{{ conn.x.password }}@db/x", None),
        ("-----BEGIN PRIVATE KEY----- is what a key begins with", None),
        (f"postgresql://me:ghp_{'a1B2' * 9}@db", "postgresql://me:***@db"),
        ("it is 12:30 at http://host:80/a@b", None),
    ],
)
def test_looks_of_secrets_are_known_whatever_the_environment(words, after):
    assert masker([])(words) == (words if after is None else after)


def test_secret_within_another_is_taken_out_with_it():
    mask = masker(["hunter2!", "my hunter2! too", "hunter2!9"])

    assert mask("my hunter2! too, hunter2!9, hunter2!8") == "***, ***, ***8"


def test_short_texts_are_no_secrets():
    assert masker(["abcde"])("abcde abcde") == "abcde abcde"


@pytest.mark.parametrize(
    "piece",
    [
        "  File 'x.py', line 12\n",
        "sk-",
        "-eyJ",
        "a.",
        "://x:",
        "-----BEGIN PRIVATE KEY-----",
        "abc",
    ],
)
def test_time_is_in_proportion_to_the_length(piece):
    mask = masker(known_secrets({f"T{n}_TOKEN": f"abcabcabd{n:04}" for n in range(30)}))

    def seconds(length):
        words = piece * (length // len(piece))
        best = []
        for _ in range(3):
            begin = time.perf_counter()
            mask(words)
            best.append(time.perf_counter() - begin)
        return min(best)

    assert seconds(800_000) < 10 * max(0.01, seconds(200_000))  # four times as long


def test_clean_report_stays_readable():
    secrets = known_secrets({"AWS_SECRET_ACCESS_KEY": "dagproof", "DB_PASSWORD": "airflow"})

    assert masked(clean(), secrets) is not None
    assert text.render(masked(clean(), secrets)) == text.render(clean())


@pytest.mark.parametrize("name", FORMATS)
def test_value_under_a_secret_name_is_left_in_no_format(name):
    told = with_xcom({"password": "hunter2x", "user": "somebody", "deep": [{"api_key": "k1" * 9}]})

    text = FORMATS[name](masked(told, []))

    assert "hunter2x" not in text
    assert "k1k1" not in text


def test_value_that_everybody_knows_stays_under_a_secret_name():
    value = {"password": "airflow", "token": "none", "secret": 5}

    assert xcom(value) is value
