"""Expressions of workflows mean here what they mean on GitHub."""

import pytest
from actions_runner.expressions import (
    Surroundings,
    UnknownExpressionError,
    evaluated,
    filled,
    holds,
)

CONTEXTS = {
    "github": {
        "event_name": "pull_request",
        "event": {"pull_request": {"number": 7}},
        "sha": "0123",
    },
    "inputs": {"name": "it's", "flag": False, "empty": ""},
    "matrix": {"python": "3.11"},
    "needs": {"a": {"result": "success"}, "b": {"result": "skipped"}},
}
AROUND = Surroundings(CONTEXTS)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("github.event_name == 'PULL_REQUEST'", True),
        ("github.event.pull_request.number || github.sha", 7),
        ("github.event.merge_group.base_sha", None),
        ("matrix.python != '3.12' && 'yes' || 'no'", "yes"),
        ("!inputs.flag", True),
        ("inputs.empty == ''", True),
        ("(1 < 2) == true", True),
        ("true == 1", True),
        ("'it''s' == inputs.name", True),
        ("join(needs.*.result, ' ')", "success skipped"),
        ("contains(needs.*.result, 'skipped')", True),
        ("contains('Refs/heads', 'REFS')", True),
        ("startsWith('refs/tags/v1', 'refs/tags/')", True),
        ("endsWith('a.yml', '.yml')", True),
        ("format('{0}-{1}', matrix.python, 2)", "3.11-2"),
        ("fromJSON('[1]')[0]", 1),
        ("github['event_name']", "pull_request"),
        ("hashFiles('none-of-these')", ""),
    ],
)
def test_an_expression_is_worth_what_github_says(text, value):
    assert evaluated(text, AROUND) == value


def test_what_a_text_is_filled_with_is_a_text():
    text = "python${{ matrix.python }} ${{ inputs.flag }} ${{ 3 }} [${{ github.event.none }}]"
    assert filled(text, AROUND) == "python3.11 false 3 []"


@pytest.mark.parametrize(
    "text",
    [
        "secrets.TOKEN",
        "inputs.nmae",
        "matrix.os",
        "github.actor",
        "needs.c.result",
        "case(true, 1, 2)",
        "matrix.python +",
        "'open",
        "matrix.python matrix.python",
        "",
    ],
)
def test_what_is_not_known_is_an_error_and_not_empty(text):
    with pytest.raises(UnknownExpressionError):
        evaluated(text, AROUND)


def test_a_context_is_no_text():
    with pytest.raises(UnknownExpressionError):
        filled("${{ matrix }}", AROUND)


@pytest.mark.parametrize(
    ("condition", "status", "runs"),
    [
        (None, "success", True),
        (None, "failure", False),
        ("inputs.empty == ''", "failure", False),
        ("${{ always() }}", "failure", True),
        ("always() && inputs.flag", "success", False),
        ("failure()", "failure", True),
        ("failure()", "success", False),
        ("!cancelled()", "failure", True),
        ("!cancelled()", "cancelled", False),
        (False, "success", False),
    ],
)
def test_a_condition_holds_where_github_would_run(condition, status, runs):
    assert holds(condition, Surroundings(CONTEXTS, status=status)) is runs


def test_a_condition_that_is_always_true_by_mistake_is_an_error():
    with pytest.raises(UnknownExpressionError, match="always true"):
        holds("${{ inputs.flag }} && true", AROUND)
