"""What the explorer said is kept, and it goes on without what ended its process."""

from pathlib import Path

import pytest

from dagproof.import_audit.explorations import (
    Ended,
    exploration_of,
    further_exploration,
)
from dagproof.import_audit.orders import Job, Mode, Outcome
from dagproof.import_audit.places import Sources
from dagproof.model import ImportTrace, Span

JOB = Job(7, "/dags/a.py", "/dags", Mode.EXPLORE, compared=False)
FIRST, SECOND = ["etl", "a", "{{ x }}"], ["etl", "b", ""]


def outcome(*explored, ending="", result=None, job=JOB):
    return Outcome(
        job,
        ending=ending,
        result={"errors": []} if result is None else result,
        explored=list(explored),
    )


def begun(what):
    return {"begun": what}


def test_thing_that_ended_the_process_is_left_out_the_next_time():
    ended = []
    job = further_exploration(outcome(begun(FIRST), begun(SECOND), ending="SIGSEGV"), ended)

    assert ended == [Ended(tuple(SECOND), "SIGSEGV")]
    assert job == Job(
        7, "/dags/a.py", "/dags", Mode.EXPLORE, compared=False, skipped=(tuple(SECOND),)
    )


def test_thing_that_was_told_after_it_began_does_not_hide_what_began_last():
    ended = []
    told = outcome(begun(FIRST), {"broken": {}}, ending="timeout")

    assert further_exploration(told, ended).skipped == (tuple(FIRST),)


def test_everything_that_ended_the_process_is_left_out():
    ended = [Ended(tuple(FIRST), "timeout")]
    job = further_exploration(outcome(begun(SECOND), ending="timeout"), ended)

    assert job.skipped == (tuple(FIRST), tuple(SECOND))


def test_fourth_end_is_written_down_and_is_the_last():
    ended = [Ended(tuple(FIRST), "timeout")] * 2

    assert further_exploration(outcome(begun(SECOND), ending="timeout"), ended) is not None
    assert further_exploration(outcome(begun(SECOND), ending="timeout"), ended) is None
    assert len(ended) == 4


@pytest.mark.parametrize(
    "over",
    [
        outcome(begun(FIRST)),
        outcome(begun(FIRST), ending="timeout", result={}),
        outcome(ending="timeout"),
        outcome({"broken": {}}, ending="timeout"),
    ],
)
def test_process_that_came_to_its_end_or_never_began_is_not_asked_again(over):
    ended = []

    assert further_exploration(over, ended) is None
    assert ended == []


@pytest.fixture
def sources():
    return Sources(lambda path: Path(path).name)


def explored(sources, one, ended=()):
    return exploration_of(one, ImportTrace("a.py"), ended, sources)


def test_everything_that_was_said_is_kept_in_order(sources):
    said = [{"broken": {"message": "m"}}, begun(FIRST), {"tried": {"confs": 1}}]
    ended = [Ended(tuple(FIRST), "timeout")]
    told = explored(sources, outcome(*said), ended)

    assert told.path == "/dags/a.py"
    assert told.trace == ImportTrace("a.py")
    assert told.records == ({"broken": {"message": "m"}}, {"tried": {"confs": 1}})
    assert told.ended == tuple(ended)
    assert told.complete
    assert told.tasks == {}


def test_process_that_ended_before_it_was_done_is_not_complete(sources):
    assert not explored(sources, outcome(ending="timeout")).complete


def test_tasks_stand_where_the_innermost_line_of_the_repository_makes_them(tmp_path, sources):
    file = tmp_path / "a.py"
    file.write_text("first()\nmade(1)\n", "utf-8")
    places = [[str(file), 1, 1, 0, 7, "called here"], [str(file), 2, 2, 0, 7, "called here"]]
    tasks = [["etl", "load", places], ["etl", "nowhere", []]]

    assert explored(sources, outcome(result={"tasks": tasks})).tasks == {
        ("etl", "load"): Span("a.py", 2, 1, 2, 8)
    }
