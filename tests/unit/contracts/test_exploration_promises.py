"""What tasks return is tried beside their templates, and what ended a process is left out."""

from types import SimpleNamespace

import pytest
from exploring import BashOperator, PythonOperator, explored, task

from dagproof.contracts import exploration as module
from dagproof.contracts.broken import Broken


def test_promise_is_tried_with_what_is_known_of_the_task(world):
    one = task("a", PythonOperator, python_callable=len, multiple_outputs=True)
    explored(
        one,
        task("b", PythonOperator, python_callable=len),
        examples=3,
        stored=9,
        xcoms={"etl.a": (1, 2), "a": (3,)},
    )

    assert world.promised == [
        (
            "etl",
            "a",
            len,
            {"examples": (1, 2), "multiple_outputs": True, "budget": 9, "tries": 3},
        ),
        ("etl", "b", len, {"examples": (), "multiple_outputs": False, "budget": 9, "tries": 3}),
    ]


def test_thing_that_ended_the_process_is_left_out_and_everything_else_is_said_to_begin(world):
    world.broken_params = [Broken("rejected-default", "m")]
    begun = []
    tasks = [task(one, PythonOperator, python_callable=len) for one in ("a", "b")]

    def begin(*what):
        begun.append(what)

    _, first = explored(*tasks, begin=begin)
    assert begun == [("", ""), ("a", ""), ("b", "")]
    begun.clear()
    _, second = explored(*tasks, begin=begin, skipped=[("etl", "", ""), ("etl", "a", "")])

    assert begun == [("b", "")]
    assert [one.message for one in first] == ["m", "a", "b"]
    assert [one.message for one in second] == ["b"]


def test_callable_that_ended_the_process_is_not_called(world, monkeypatch):
    asked = []
    monkeypatch.setattr(module, "offences", lambda *known: asked.append(known[-1]) or [])
    explored(task(), skipped=[("etl", "load", "")])

    assert [asked[0]._begin("load"), asked[0]._begin("save")] == [False, True]


@pytest.mark.parametrize(
    "other",
    [
        task("a", PythonOperator, python_callable=len, do_xcom_push=False),
        task("a", PythonOperator, python_callable=None),
        task("a", PythonOperator, python_callable="len"),
        task("a", BashOperator),
        task("a", BashOperator, python_callable=len),
    ],
)
def test_task_that_pushes_nothing_that_it_returns_promises_nothing(world, other):
    explored(other)

    assert world.promised == []


def test_callable_of_a_mapped_task_promises_too(world):
    mapped = SimpleNamespace(
        task_id="a",
        template_fields=(),
        is_mapped=True,
        operator_class=PythonOperator,
        partial_kwargs={"python_callable": len},
        params={},
    )
    explored(mapped)

    assert [function for _, _, function, _ in world.promised] == [len]


@pytest.mark.parametrize(
    ("patterns", "pure"),
    [
        (("etl.load",), True),
        (("other.*", "etl.*"), True),
        (("etl",), False),
        (("ETL.*",), False),
        ((), False),
    ],
)
def test_callable_that_the_settings_name_may_be_called(world, monkeypatch, patterns, pure):
    asked = []
    monkeypatch.setattr(module, "offences", lambda *known: asked.append(known[-1]) or [])
    explored(task(), pure=patterns)

    assert asked[0]._is_pure("load") is pure


def test_what_cannot_be_proved_is_told_last_with_its_place(world, monkeypatch):
    def say(*known):
        known[-1]._unproved("load", "nothing can be said", ("/a.py", 3))
        return []

    monkeypatch.setattr(module, "offences", say)
    broken = explored(task("load", PythonOperator, python_callable=len))[1]

    assert [one.offence for one in broken] == ["lossy-xcom", "unproved-contract"]
    assert broken[1].message == "Of task `load`, nothing can be said"
    assert (broken[1].task_id, broken[1].place) == ("load", ("/a.py", 3))
