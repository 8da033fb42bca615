"""Which line changed what, and which line was the last."""

import signal
import sys

import pytest
from forked import forked

from dagproof.import_audit import state, stepwise


@pytest.fixture
def looked(board, repository, ran):
    """Execute source line by line in a child; return what was written down."""

    def looked(source, *names, given=None, helpers=()):
        def run():
            taken = given or state.snapshot()
            functions = {}
            for name, helper in helpers:
                functions.update(ran(helper, name))
            with stepwise.looking(board, repository, names, lambda: taken):
                ran(source, **functions)
            return sys.gettrace() is None

        assert forked(run)
        return list(board.read())

    return looked


def lines(records):
    return [[place[1] for place in record["places"]] for record in records]


def test_line_that_changed_something_is_told(looked, root):
    source = "import sys\nx = 1\nsys.setrecursionlimit(1234)\ny = 2\n"

    assert looked(source, "the recursion limit") == [
        {"leak": "the recursion limit", "places": [[f"{root}/dags/a.py", 3, 3, 0, 0, ""]]}
    ]


def test_last_line_of_a_file_may_be_the_one(looked):
    records = looked("import sys\nsys.setrecursionlimit(1234)\n", "the recursion limit")

    assert lines(records) == [[2]]


def test_last_line_counts_also_where_it_raises(looked, board):
    source = "import sys\nsys.setrecursionlimit(1234); 1 / 0\n"
    with pytest.raises(AssertionError, match="ZeroDivisionError"):
        looked(source, "the recursion limit")

    assert lines(board.read()) == [[2]]


def test_file_that_ends_the_looking_is_looked_at_once_more(looked):
    source = "import sys\nx = 1\nsys.settrace(None)\nsys.setrecursionlimit(1234)\n"

    assert lines(looked(source, "the recursion limit")) == [[3]]


def test_each_change_is_told_and_the_last_one_is_the_last(looked):
    source = "import sys\nsys.setrecursionlimit(1234)\nx = 1\nsys.setrecursionlimit(1235)\nx = 2\n"

    assert lines(looked(source, "the recursion limit")) == [[2], [4]]


def test_what_is_put_back_is_not_told_again(looked):
    limit = sys.getrecursionlimit()
    source = f"import sys\nsys.setrecursionlimit(1234)\nsys.setrecursionlimit({limit})\nx = 1\n"

    assert lines(looked(source, "the recursion limit")) == [[2]]


def test_way_leads_through_the_calls(looked):
    helpers = [("plugins/b.py", "import sys\ndef f():\n    sys.setrecursionlimit(1234)\n")]

    records = looked("x = 1\nf()\nx = 2\n", "the recursion limit", helpers=helpers)

    assert lines(records) == [[2, 3]]


def test_change_within_a_library_is_told_where_it_was_called(looked):
    helpers = [
        ("/lib/b.py", "import sys\ndef f():\n    sys.setrecursionlimit(1234)\n    return 1\n")
    ]

    records = looked("x = 1\nf()\nx = 2\n", "the recursion limit", helpers=helpers)

    assert lines(records) == [[2]]


def test_several_states_are_told_apart(looked):
    source = "import sys, os\nsys.path.append('/x')\nos.umask(0o055)\n"

    records = looked(source, "the umask", "sys.path", "the working directory")

    assert [record["leak"] for record in records] == ["sys.path", "the umask"]
    assert lines(records) == [[2], [3]]


def test_what_libraries_changed_is_given(looked):
    given = {**state.snapshot(), "the recursion limit": 1234}

    assert looked("import sys\nsys.setrecursionlimit(1234)\nx = 1\n",
                  "the recursion limit", given=given)[1:] == []  # fmt: skip


def test_without_names_every_line_is_told(looked):
    records = looked("x = 1\nfor y in (1, 2):\n    x += y\n")

    assert [record["line"][-1][1] for record in records] == [1, 2, 3, 2, 3, 2]


def test_last_line_is_told_though_the_process_dies(board, repository, ran):
    def run():
        with stepwise.looking(board, repository, (), dict):
            ran(f"import os\nx = 1\nos.kill(os.getpid(), {int(signal.SIGKILL)})\ny = 2\n")

    with pytest.raises(AssertionError, match="said nothing"):
        forked(run)
    assert list(board.read())[-1]["line"][-1][1] == 3


def test_nobody_looks_for_ever(looked, monkeypatch):
    monkeypatch.setattr(stepwise, "_MOST", 4)

    assert len(looked("x = 1\nx = 2\nx = 3\nx = 4\nx = 5\n")) == 4
