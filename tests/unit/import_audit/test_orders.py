"""What a child wrote is taken for what it says, and nonsense for nothing."""

import pytest

from dagproof.import_audit.orders import Job, Outcome

PLACES = [["/a.py", 1, 1, 0, 0, ""]]
EFFECT = {"effect": "open", "kind": "filesystem-read", "places": PLACES, "detail": "x"}


@pytest.fixture
def outcome():
    return Outcome(Job(0, "/a.py", "/"))


def test_each_record_has_its_place(outcome):
    outcome.add(EFFECT)
    outcome.add({"ending": "it ended", "places": PLACES})
    outcome.add({"leak": "sys.path", "places": PLACES})
    outcome.add({"result": {"dag_ids": ["a"]}})
    outcome.add({"explored": {"begun": ["a", "b", "c"]}})
    outcome.add({"explored": {"tried": {}}})

    assert outcome.effects == [EFFECT]
    assert (outcome.what, outcome.places) == ("it ended", PLACES)
    assert outcome.leaks == [("sys.path", PLACES)]
    assert outcome.result == {"dag_ids": ["a"]}
    assert outcome.explored == [{"begun": ["a", "b", "c"]}, {"tried": {}}]


def test_last_line_is_the_one_that_counts(outcome):
    outcome.add({"line": PLACES})
    outcome.add({"line": [["/a.py", 2, 2, 0, 0, ""]]})

    assert outcome.places == [["/a.py", 2, 2, 0, 0, ""]]
    assert outcome.what == ""


@pytest.mark.parametrize(
    "record",
    [
        {},
        {"result": None},
        {"result": [1]},
        {"ending": 7, "places": []},
        {"ending": "x"},
        {"ending": "x", "places": None},
        {"line": "x"},
        {"leak": "x"},
        {"leak": None, "places": []},
        {"effect": "open", "kind": "filesystem-read"},
        {"effect": 1, "kind": "filesystem-read", "places": []},
        {"effect": "open", "kind": None, "places": []},
        {"explored": None},
        {"explored": ["a"]},
        {"something": "else"},
    ],
)
def test_nonsense_is_left_out(outcome, record):
    outcome.add(record)

    assert outcome == Outcome(Job(0, "/a.py", "/"))


def error(kind, *, caused=False):
    return {"type": kind, "caused": caused}


@pytest.mark.parametrize(
    "kind", ["SyntaxError", "IndentationError", "TabError", "ModuleNotFoundError"]
)
def test_error_that_a_file_has_by_itself_is_beyond_doubt(outcome, kind):
    outcome.result = {"errors": [error(kind)]}

    assert not outcome.is_doubtful


def test_error_that_the_audit_caused_is_beyond_doubt(outcome):
    outcome.result = {"errors": [error("ValueError", caused=True)]}

    assert not outcome.is_doubtful


def test_other_errors_are_doubtful(outcome):
    outcome.result = {"errors": [error("SyntaxError"), error("ValueError")]}

    assert outcome.is_doubtful


def test_process_that_died_is_doubtful(outcome):
    assert not outcome.is_doubtful
    outcome.ending = "timeout"

    assert outcome.is_doubtful
