"""Who is who under another name; in doubt nobody is."""

from difflib import SequenceMatcher

import pytest

from dagproof.diffing import pairing
from dagproof.diffing.pairing import renamed_dags, renamed_tasks, respoken


@pytest.fixture
def renames(dag):
    return lambda before, after: renamed_tasks(dag("x", *before), dag("x", *after))


def test_task_with_the_same_fields_and_neighbours_is_the_same(task, renames):
    def state(name):
        return [task("a"), task(name, "a", cmd="echo"), task("c", name)]

    assert renames(state("begin"), state("start")) == {"begin": "start"}


def test_other_operator_is_another_task(task, renames):
    assert renames([task("load")], [task("load_all", operator="PythonOperator")]) == {}


def test_mapped_task_is_another_one(task, renames):
    assert renames([task("load")], [task("load_all", mapped=True)]) == {}


def test_function_that_bears_the_name_tells_who_a_task_is(task, renames):
    def function(name):
        return task(name, python_callable=name.rpartition(".")[2], retries="3")

    assert renames([function("load")], [function("load_month")]) == {"load": "load_month"}
    assert renames([function("load")], [function("notify")]) == {}
    assert renames([function("load")], [function("group.load")]) == {"load": "group.load"}


def test_task_that_does_something_else_is_another_one(task, renames):
    assert renames([task("load", sql="1", conn="a")], [task("loads", sql="2", conn="b")]) == {}


def test_what_differs_in_other_tasks_too_does_not_count(task, renames):
    before = [task("a", retries="2", pool="p"), task("load", "a", retries="2", pool="p")]
    after = [task("a"), task("load_all", "a")]

    assert renames(before, after) == {"load": "load_all"}
    assert renames(before[1:], after[1:]) == {}


def test_names_of_renamed_tasks_in_fields_do_not_count(task, renames):
    before = [task("get"), task("put", "get", arg="from get", more="of get in x")]
    after = [task("gets"), task("puts", "gets", arg="from gets", more="of gets in x")]

    assert renames(before, after) == {"get": "gets", "put": "puts"}


def test_each_is_paired_once_and_with_the_most_alike(task, renames):
    before = [task(f"load_{name}", cmd="x") for name in ("green", "yellow")]
    after = [task(f"load_{name}_taxis", cmd="x") for name in ("green", "yellow", "white")]

    assert renames(before, after) == {
        "load_green": "load_green_taxis", "load_yellow": "load_yellow_taxis",
    }  # fmt: skip


def test_likeness_of_names_is_the_same_the_other_way_round():

    assert (
        SequenceMatcher(None, "tide", "diet").ratio()
        != SequenceMatcher(None, "diet", "tide").ratio()
    )
    assert pairing._likeness("tide", "diet") == pairing._likeness("diet", "tide")


def test_group_of_many_tasks_is_found_by_their_last_names(task, renames, monkeypatch):
    monkeypatch.setattr(pairing, "_MOST_PAIRS", 3)
    names = ("a", "b", "c")

    assert renames([task(f"g.{one}") for one in names], [task(f"h.{one}") for one in names]) == {
        "g.a": "h.a", "g.b": "h.b", "g.c": "h.c",
    }  # fmt: skip
    assert renames([task("one"), task("two")], [task("ones"), task("twos")]) == {}


def test_dag_with_the_same_tasks_and_order_is_the_same(dag, task):
    tasks = (task("a"), task("b", "a"), task("c", "b"))

    assert renamed_dags([dag("load", *tasks, path="1")], [dag("x", *tasks, path="2")]) == {
        "load": "x"
    }
    assert renamed_dags([dag("load", *tasks)], [dag("x", *tasks[:2], task("c", "a"))]) == {}
    assert renamed_dags([dag("load")], [dag("loads")]) == {}, "nothing tells who it is"


@pytest.mark.parametrize(
    ("name", "path", "same"),
    [("load_all", "other.py", True), ("zzz", "dags/x.py", True), ("zzz", "other.py", False)],
)
def test_small_dag_needs_its_file_or_name_too(dag, task, name, path, same):
    found = renamed_dags([dag("load", task("a"))], [dag(name, task("a"), path=path)])

    assert found == ({"load": name} if same else {})


def test_dag_of_the_same_file_may_have_changed_a_little(dag, task):
    tasks = [task(str(number)) for number in range(9)]

    assert renamed_dags([dag("old", *tasks)], [dag("new", *tasks, task("more"))]) == {"old": "new"}
    assert renamed_dags([dag("old", *tasks)], [dag("new", *tasks, task("more"), path="y")]) == {}
    assert renamed_dags([dag("old", *tasks)], [dag("new", *tasks[:5])]) == {}


def test_dags_of_a_factory_are_told_apart_by_name(dag, task):
    def made(prefix):
        return [
            dag(f"{prefix}_{one}", task("a"), schedule="@daily") for one in ("eu", "us", "asia")
        ]

    assert renamed_dags(made("load"), made("ingest")) == {
        "load_eu": "ingest_eu", "load_us": "ingest_us", "load_asia": "ingest_asia",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "spoken"),
    [
        ("task_ids='a'", "task_ids='b'"),
        ("XCom(a)", "XCom(b)"),
        ("a.b and x.a, a-b, ab", "a.b and x.a, a-b, ab"),
        ("a a", "b b"),
        ("nothing", "nothing"),
    ],
)
def test_names_are_replaced_where_they_stand_alone(text, spoken):
    assert respoken(text, {"a": "b"}) == spoken


def test_longest_name_is_taken_first():
    assert respoken("g.a", {"a": "x", "g.a": "y"}) == "y"
