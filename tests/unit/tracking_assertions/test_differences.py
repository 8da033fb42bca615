"""The lines of a difference."""

import pytest

from dagproof.tracking_assertions.differences import (
    Difference,
    compared,
    names,
    nearest,
    rendered,
)


def lines(expected, logged, **more):
    return rendered(list(compared("params", expected, logged, **more)))


def test_what_is_as_expected_makes_no_line():
    assert lines({"a": 1, "b": ...}, {"a": "1", "b": "2", "c": "3"}) == ""


def test_differences_are_in_order_of_name_expected_before_logged():
    assert lines({"b": 2, "a": 1}, {"a": "x", "b": "y"}) == (
        "  params\n"
        "    - a: 1\n"
        "    + a: x\n"
        "    - b: 2\n"
        "    + b: y"
    )  # fmt: skip


def test_missing_names_the_nearest_that_is_not_expected_itself():
    assert lines({"rsme": 7, "rmse": 7}, {"rmse": "7", "r_s_m_e": "8"}) == (
        "  params\n    - rsme: 7   (not logged; did you mean `r_s_m_e`, which is 8?)"
    )


def test_missing_without_a_near_one_lists_what_there_is():
    assert lines({"depth": 7}, {"year": "1", "month": "2"}) == (
        "  params\n    - depth: 7   (not logged; there are `month`, `year`)"
    )


def test_missing_where_there_is_nothing_says_so():
    assert lines({"a": 7}, {}) == "  params\n    - a: 7   (not logged; there are none)"


def test_only_exact_minds_what_else_there_is():
    assert lines({"a": 1}, {"a": "1", "b": "2"}, exact=True) == (
        "  params\n    + b: 2   (not expected)"
    )


def test_note_of_a_predicate_is_told():
    def positive(text):
        return text > 0

    assert lines({"a": positive}, {"a": "1"}) == (
        "  params\n"
        "    - a: a value for which `positive` holds\n"
        "    + a: 1   (it raised TypeError: '>' not supported between instances of 'str' and 'int')"
    )


def test_groups_stand_apart_and_a_group_of_one_has_no_names():
    found = [
        Difference("status", "", "FINISHED", "FAILED"),
        Difference("tags", "a", None, "b"),
        Difference("tags", "c", "d"),
    ]
    assert rendered(found) == (
        "  status\n    - FINISHED\n    + FAILED\n  tags\n    + a: b\n    - c: d"
    )


@pytest.mark.parametrize(
    ("name", "known", "near"),
    [
        ("rmse", ["RMSE"], "RMSE"),
        ("val_rmse", ["val.rmse", "rmse"], "val.rmse"),
        ("n_estimator", ["n_estimators", "depth"], "n_estimators"),
        ("depth", ["width_of_all"], ""),
        ("depth", [], ""),
    ],
)
def test_nearest_is_what_was_probably_meant(name, known, near):
    assert nearest(name, known) == near


def test_many_names_are_not_all_told():
    assert names(["b", "a"], "`") == "`a`, `b`"
    assert names([f"{at:02d}" for at in range(14)]).endswith("10, 11 and 2 more")
