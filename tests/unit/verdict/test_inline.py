"""A comment covers what it names, and what it covers no longer is told of."""

import pytest

from dagproof.model import Severity, Span
from dagproof.rules import (
    dp190_unused_ignore,
    dp191_ignore_without_reason,
    dp192_unknown_ignore,
)
from dagproof.source.comments import ignores
from dagproof.verdict.inline import heed

JUDGES = (dp190_unused_ignore.RULE, dp191_ignore_without_reason.RULE, dp192_unknown_ignore.RULE)


@pytest.fixture
def heeded(rules):
    def heeded(text, *findings, ran=("DP101", "DP102", "DP120"), judges=JUDGES):
        comments = {"dags/a.py": ignores(text)}
        found = heed(findings, comments, rules=rules, ran=ran, judges=judges)
        return [f"{each.code}:{each.span.line} {each.message}" for each in found]

    return heeded


@pytest.mark.parametrize("word", ["DP101", "mlflow-call-at-import", "DP120,DP101"])
def test_named_finding_is_dropped(heeded, finding, word):
    assert not any(
        told.startswith("DP101") for told in heeded(f"x()  # dagproof: ignore[{word}] r", finding())
    )


def test_other_finding_of_the_line_stays(heeded, finding):
    told = heeded("x()  # dagproof: ignore[DP101] r", finding(), finding("DP102"))

    assert told == ["DP102:1 it happens"]


def test_same_finding_elsewhere_stays(heeded, finding):
    told = heeded(
        "x()  # dagproof: ignore[DP101] r\nx()\n",
        finding(line=1),
        finding(line=2),
        finding(path="dags/b.py"),
    )

    assert told == ["DP101:2 it happens", "DP101:1 it happens"]


def test_last_line_of_a_finding_carries_the_comment_too(heeded, finding):
    text = "x(\n    1,\n)  # dagproof: ignore[DP101] r\n"

    assert heeded(text, finding(line=1, end_line=3)) == []
    assert len(heeded(text, finding(line=1, end_line=2))) == 2


def test_comment_above_covers_the_line_below(heeded, finding):
    assert heeded("# dagproof: ignore[DP101] r\nx()\n", finding(line=2)) == []


def test_whole_file_is_covered(heeded, finding):
    text = "# dagproof: ignore-file[DP101] r\nx()\n\nx()\n"

    assert heeded(text, finding(line=2), finding(line=4)) == []


def test_comment_that_covers_nothing_is_told(heeded):
    assert heeded("# dagproof: ignore[DP101] r\nx()\n") == [
        "DP190:1 `DP101` is ignored on line 2, where it is not found"
    ]
    assert heeded("# dagproof: ignore-file[uncalled-dag] r\nx()\n") == [
        "DP190:1 `uncalled-dag` is ignored in this file, where it is not found"
    ]


def test_comment_that_speaks_of_no_line_is_told(heeded):
    why = "a comment for the whole file belongs above the first statement"
    text = "x()\n# dagproof: ignore-file[DP101] r\n\n# dagproof: ignore[DP101] r\n"

    assert heeded(text) == [
        f"DP190:2 `DP101` is ignored nowhere: {why}",
        "DP190:4 `DP101` is ignored nowhere: no code follows the comment",
    ]


def test_only_the_useless_word_is_told(heeded, finding):
    assert heeded("x()  # dagproof: ignore[DP101,DP102] r", finding()) == [
        "DP190:1 `DP102` is ignored on line 1, where it is not found"
    ]


def test_word_whose_rule_did_not_run_may_be_of_use(heeded):
    assert heeded("x()  # dagproof: ignore[DP201, DP101] r", ran=("DP102",)) == []


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("DP101", "DP201"),
        ("mlflow-call-at-import", "DP201"),
        ("DP201", "DP101"),
        ("mlflow-call-seen", "DP101"),
    ],
)
def test_comment_for_one_kind_of_evidence_covers_the_other_and_is_used(heeded, finding, word, code):
    text = f"x()  # dagproof: ignore[{word}] r"

    assert heeded(text, finding(code), ran=("DP101", "DP201")) == []
    assert heeded(text, finding(code, line=2), ran=("DP101", "DP201")) == [
        f"{code}:2 it happens",
        f"DP190:1 `{word}` is ignored on line 1, where it is not found",
    ]


def test_both_words_for_one_offence_are_used(heeded, finding):
    text = "x()  # dagproof: ignore[DP101, mlflow-call-seen] r"

    assert heeded(text, finding("DP201"), ran=("DP101", "DP201")) == []


def test_comment_covers_the_twin_of_its_own_code_alone(heeded, finding):
    text = "x()  # dagproof: ignore[DP101] r"

    assert heeded(text, finding("DP202"), ran=("DP102", "DP202")) == ["DP202:1 it happens"]


def test_comment_without_a_reason_covers_nothing_and_is_told_once(heeded, finding):
    assert heeded("x()  # dagproof: ignore[DP101]", finding()) == [
        "DP101:1 it happens",
        "DP191:1 `DP101` is ignored without a reason, so it still counts",
    ]


def test_unknown_word_is_told_with_the_nearest(heeded):
    assert heeded("x()  # dagproof: ignore[DP1O1, mlflow-call, W503] r") == [
        "DP192:1 There is no rule `DP1O1` to ignore; did you mean `DP101`",
        "DP192:1 There is no rule `mlflow-call` to ignore; did you mean `mlflow-call-seen`",
        "DP192:1 There is no rule `W503` to ignore",
    ]


@pytest.mark.parametrize("word", ["ALL", "DP1", ""])
def test_comment_names_single_rules(heeded, finding, word):
    told = heeded(f"x()  # dagproof: ignore[{word}] r", finding())

    assert [each[:5] for each in told] == ["DP101", "DP192"]


def test_comment_that_names_no_rule_is_told(heeded):
    assert heeded("x()  # dagproof: disable=DP101") == [
        "DP192:1 This comment for dagproof names no rule, so it covers nothing"
    ]


def test_comments_are_not_judged_by_rules_that_nobody_selected(heeded, finding):
    text = "x()  # dagproof: ignore[DP101]\ny()  # dagproof: ignore[DP102, nonsense] r\n"

    assert heeded(text, finding(), judges=()) == ["DP101:1 it happens"]


def test_finding_about_a_comment_is_a_whole_one(rules):
    comments = ignores("x()\nx()  # dagproof: ignore[DP101] r")
    (found,) = heed([], {"a.py": comments}, rules=rules, ran=["DP101"], judges=JUDGES)

    assert found.slug == "unused-ignore"
    assert found.severity is Severity.WARNING
    assert found.excerpt == "x()  # dagproof: ignore[DP101] r"
    assert found.span == Span("a.py", 2, 6, 2, 33)
