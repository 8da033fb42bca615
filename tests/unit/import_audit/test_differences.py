"""Where two imports differ, and where they only look so."""

import json

import pytest

from dagproof.import_audit.differences import differences
from dagproof.model import Difference


def told(one, other):
    """Return where two DAGs differ, with both values."""
    found = differences({"a": json.dumps(one)}, {"a": json.dumps(other)})
    return [(difference.where, difference.first, difference.second) for difference in found]


def typed(kind, value):
    return {"__type": kind, "__var": value}


def test_same_dags_do_not_differ():
    assert differences({}, {}) == ()
    assert told({"x": [1, {"y": 2}]}, {"x": [1, {"y": 2}]}) == []


def test_dag_that_is_missing_is_told_on_either_side():
    assert differences({"b": "{}", "a": "{}"}, {"a": "{}", "c": "{}"}) == (
        Difference("b", "the DAG", "is there", "is not there"),
        Difference("c", "the DAG", "is not there", "is there"),
    )


def test_each_dag_is_compared_with_its_namesake():
    found = differences({"a": '{"x": 1}', "b": '{"x": 1}'}, {"a": '{"x": 1}', "b": '{"x": 2}'})

    assert found == (Difference("b", "x", "1", "2"),)


@pytest.mark.parametrize(
    ("one", "other", "where"),
    [
        ({"x": 1}, {"x": 2}, ("x", "1", "2")),
        ({"x": {"y": {"z": 1}}}, {"x": {"y": {"z": None}}}, ("x.y.z", "1", "null")),
        ({"x": 1}, {}, ("x", "1", "nothing")),
        ({}, {"x": None}, ("x", "nothing", "null")),
        ({"x": {"y": 1}}, {"x": [1]}, ("x", '{"y": 1}', "[1]")),
        ({"x": "1"}, {"x": 1}, ("x", '"1"', "1")),
        ({"x": [{"y": 1}, {"y": 2}]}, {"x": [{"y": 1}, {"y": 3}]}, ("x[1].y", "2", "3")),
        ({"x": [[1.5], [2.5]]}, {"x": [[1.5], [3.5]]}, ("x[1][0]", "2.5", "3.5")),
        ({"x": [1, 2]}, {"x": [1, 3]}, ("x", "[1, 2]", "[1, 3]")),
        ({"x": ["b", "a"]}, {"x": ["a", "b"]}, ("x", '["b", "a"]', '["a", "b"]')),
        ({"x": [{}]}, {"x": [{}, {}]}, ("x", "[{}]", "[{}, {}]")),
    ],
)
def test_place_and_both_values_are_told(one, other, where):
    assert told(one, other) == [where]


def test_every_place_is_told_in_order():
    assert [where for where, *_ in told({"b": 1, "a": 1, "c": 1}, {"c": 2, "a": 2, "b": 2})] == [
        "a", "b", "c",
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["tags", "downstream_task_ids", "upstream_task_ids"])
def test_order_of_what_has_none_does_not_matter(key):
    assert told({key: ["a", "b"]}, {key: ["b", "a"]}) == []
    assert told({"x": {key: ["a", "b"]}}, {"x": {key: ["b", "a"]}}) == []
    assert told({key: ["b", "a"]}, {key: ["c", "a"]}) == [(key, '["a", "b"]', '["a", "c"]')]
    assert told({key: ["a", "a"]}, {key: ["a"]}) == [(key, '["a", "a"]', '["a"]')]


def test_tags_that_are_no_texts_are_compared_in_order():
    assert told({"tags": [1, 2]}, {"tags": [2, 1]}) == [("tags", "[1, 2]", "[2, 1]")]


def test_order_of_sets_does_not_matter():
    assert told({"x": typed("set", [1, {"a": 2}])}, {"x": typed("set", [{"a": 2}, 1])}) == []
    assert told({"x": typed("set", ["a"])}, {"x": typed("set", ["b"])}) == [
        ("x", '["\\"a\\""]', '["\\"b\\""]')
    ]


def test_order_of_tuples_does():
    assert told({"x": typed("tuple", ["a", "b"])}, {"x": typed("tuple", ["b", "a"])}) == [
        ("x", '["a", "b"]', '["b", "a"]')
    ]


def test_types_are_no_part_of_a_place():
    one = {"x": typed("dict", {"y": typed("datetime", 1.0)})}
    other = {"x": typed("dict", {"y": typed("datetime", 2.0)})}

    assert told(one, other) == [("x.y", "1.0", "2.0")]


def test_types_within_types_are_seen_through():
    one, other = (typed("a", typed("b", typed("c", number))) for number in (1, 2))

    assert told({"x": one}, {"x": other}) == [("x", "1", "2")]


def test_dictionary_with_other_keys_beside_the_type_is_one():
    assert told({"x": {**typed("a", 1), "z": 1}}, {"x": {**typed("a", 2), "z": 1}}) == [
        ("x.__var", "1", "2")
    ]


def test_value_that_only_differs_in_its_type_does_not_differ():
    assert told({"x": typed("int", 1)}, {"x": 1}) == []


def test_tasks_are_compared_by_their_ids():
    first = [{"task_id": "a", "retries": 1}, typed("operator", {"task_id": "b", "retries": 1})]
    second = [typed("operator", {"task_id": "b", "retries": 2}), {"task_id": "a", "retries": 1}]

    assert told({"tasks": first}, {"tasks": second}) == [("tasks.b.retries", "1", "2")]


def test_task_that_is_missing_is_told():
    assert told({"tasks": [{"task_id": "a"}]}, {"tasks": []}) == [
        ("tasks.a", '{"task_id": "a"}', "nothing")
    ]


def test_tasks_without_ids_are_compared_by_their_places():
    assert told({"tasks": [{"x": 1}, "y"]}, {"tasks": [{"x": 2}, "z"]}) == [
        ("tasks.0.x", "1", "2"), ("tasks.1", '"y"', '"z"'),
    ]  # fmt: skip


@pytest.mark.parametrize("key", ["_processor_dags_folder", "last_loaded"])
def test_what_only_the_audit_changes_does_not_differ(key):
    assert told({key: "/a", "x": {key: 1}}, {key: "/b", "x": {key: 2}}) == []


def test_long_values_are_shortened():
    [(_, first, second)] = told({"x": "a" * 118}, {"x": "a" * 119})

    assert first == f'"{"a" * 118}"'
    assert len(second) == 120
    assert second.endswith("a…")
