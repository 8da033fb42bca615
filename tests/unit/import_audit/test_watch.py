"""The hook writes down first and refuses second, and each place once."""

import os
import sys
import threading

import pytest
from forked import forked

from dagproof.import_audit.events import Seen
from dagproof.import_audit.frames import STARTED, Way
from dagproof.import_audit.refusals import RefusedAccessError, RefusedConnectionError
from dagproof.model import Kind

CALLS = "def call(function):\n    return function()\n"
IMPORTLIB = "<frozen importlib._bootstrap>"
CONNECT = Seen(Kind.NETWORK, "rates.test:443", RefusedConnectionError)
WRITE = Seen(Kind.FILESYSTEM_WRITE, "/data/a", RefusedAccessError)
READ = Seen(Kind.FILESYSTEM_READ, "/data/a")
SPAWN = Seen(Kind.SUBPROCESS, "git", RefusedAccessError)
NATIVE = Seen(Kind.SUBPROCESS, "libc", RefusedAccessError, native=True)


@pytest.fixture
def see(watching, ran):
    """Have a watch see an event in a file; return the watch."""

    def see(*events, watch=None, source="for one in events:\n    see(one)\n", name="dags/a.py"):
        watch = watch or watching()

        def one(seen):
            watch.see("event", seen, sys._getframe(1))

        ran(source, name, events=events, see=one)
        return watch

    return see


def records(board):
    return list(board.read())


def test_event_is_written_down_with_all_that_is_known(see, board, root):
    see(READ)

    assert records(board) == [
        {
            "effect": "event",
            "kind": "filesystem-read",
            "detail": "/data/a",
            "refused": False,
            "native": False,
            "places": [[f"{root}/dags/a.py", 2, 2, 4, 12, ""]],
        }
    ]


def test_event_is_written_down_before_it_is_refused(see, board):
    with pytest.raises(RefusedConnectionError) as raised:
        see(CONNECT)

    [record] = records(board)
    assert record["refused"] is True
    assert raised.value.errno == 1
    assert raised.value.filename == "rates.test:443"
    assert "dagproof audit refuses event" in str(raised.value)


def test_user_who_catches_everything_hides_nothing(see, board):
    watch = see(CONNECT, source="try:\n    see(events[0])\nexcept Exception:\n    pass\n")

    assert len(records(board)) == 1
    assert watch.refusals == 1
    assert watch.interfered


def test_what_may_happen_interferes_with_nothing(see):
    watch = see(READ)

    assert watch.kinds == {Kind.FILESYSTEM_READ}
    assert watch.refusals == 0
    assert not watch.interfered


def test_what_is_allowed_is_written_down_and_happens(see, watching, board):
    watch = see(CONNECT, watch=watching("network:rates.test"))

    assert [record["refused"] for record in records(board)] == [False]
    assert not watch.interfered


def test_what_is_not_allowed_is_refused_beside_what_is(see, watching):
    with pytest.raises(RefusedAccessError):
        see(WRITE, watch=watching("network"))


def test_kind_that_the_libraries_give_it_is_what_has_to_be_allowed(watching, ran, board):
    watch = watching("database")
    call = ran(CALLS, "/lib/psycopg/connection.py", __name__="psycopg.connection")["call"]

    def connect():
        watch.see("socket.connect", CONNECT, sys._getframe(1))

    ran("call(connect)", call=call, connect=connect)

    assert [(one["kind"], one["refused"]) for one in records(board)] == [("database", False)]


def test_each_place_is_told_once(see, board):
    watch = see(READ, READ, READ)

    assert len(records(board)) == 1
    see(READ, watch=watch)
    assert len(records(board)) == 1


def test_place_is_told_once_for_each_kind_and_for_native_code(see, board):
    source = "for one in events:\n    try: see(one)\n    except OSError: pass\n"
    see(READ, SPAWN, NATIVE, SPAWN, NATIVE, READ, source=source)

    assert [(one["kind"], one["native"]) for one in records(board)] == [
        ("filesystem-read", False), ("subprocess", False), ("subprocess", True),
    ]  # fmt: skip


def test_what_was_told_before_is_refused_again(see):
    watch = see(WRITE, source="try: see(events[0])\nexcept OSError: pass\n")
    source = "for one in events:\n    try: see(one)\n    except OSError: pass\n    else: 1/0\n"
    see(WRITE, WRITE, watch=watch, source=source)

    assert watch.refusals == 3


def test_forgotten_watch_tells_the_same_place_again(see, board):
    watch = see(READ)
    watch.stood_in = 1
    watch.refusals = 1
    STARTED[1] = Way((), (), importing=False, site=None)
    watch.forget()

    assert not watch.interfered
    assert watch.kinds == set()
    assert STARTED == {}
    see(READ, watch=watch)
    assert len(records(board)) == 2


def test_stand_in_interferes(watching):
    watch = watching()
    watch.stood_in = 1

    assert watch.interfered


def test_without_the_repository_nothing_is_told_and_all_is_refused(see, board, watching):
    watch = watching()
    with pytest.raises(RefusedAccessError):
        see(WRITE, watch=watch, name="/lib/a.py")
    see(READ, watch=watch, name="/lib/a.py")

    assert records(board) == []
    assert not watch.interfered


@pytest.mark.parametrize("seen", [CONNECT, WRITE], ids=["network", "write"])
def test_import_of_a_library_is_silent_and_refused(watching, ran, board, seen):
    watch = watching()
    call = ran(CALLS, IMPORTLIB)["call"]
    library = ran(CALLS, "/lib/a.py")["call"]

    def happen():
        watch.see("event", seen, sys._getframe(1))

    with pytest.raises(OSError, match="dagproof audit refuses event"):
        ran("call(body)", call=call, body=lambda: library(happen))

    assert records(board) == []
    assert not watch.interfered


@pytest.mark.parametrize("seen", [SPAWN, NATIVE], ids=["process", "native"])
def test_library_may_ask_the_machine_and_load_itself_while_it_is_imported(
    watching, ran, board, seen
):
    watch = watching()
    call = ran(CALLS, IMPORTLIB)["call"]
    library = ran(CALLS, "/lib/a.py")["call"]
    done = []

    def happen():
        watch.see("event", seen, sys._getframe(1))
        done.append(1)

    ran("call(body)", call=call, body=lambda: library(happen))

    assert done == [1]
    assert records(board) == []


@pytest.mark.parametrize("seen", [SPAWN, NATIVE], ids=["process", "native"])
def test_library_that_is_called_may_not(watching, ran, board, seen):
    watch = watching()
    library = ran(CALLS, "/lib/a.py")["call"]
    with pytest.raises(RefusedAccessError):
        ran("library(happen)", library=library,
            happen=lambda: watch.see("event", seen, sys._getframe(0)))  # fmt: skip

    assert len(records(board)) == 1


def test_file_of_the_user_that_is_called_like_one_of_python_is_told(see, board):
    watch = see(READ, name="dags/linecache.py")

    assert watch.kinds == {Kind.FILESYSTEM_READ}
    assert len(records(board)) == 1


def test_file_that_a_library_reads_for_the_repository_is_told(watching, ran, board):
    watch = watching()
    read = "def read(watch, seen, sys):\n    watch.see('open', seen, sys._getframe(0))\n"
    names = ran(read, "/lib/pandas/io.py")
    ran("read(watch, seen, sys)", read=names["read"], watch=watch, seen=READ, sys=sys)

    assert len(records(board)) == 1


def test_sources_that_python_reads_for_the_repository_are_no_effect(watching, ran, board):
    watch = watching()
    read = "def read(watch, seen, sys):\n    watch.see('open', seen, sys._getframe(0))\n"
    names = ran(read, "/usr/lib/python3.11/linecache.py")
    ran("read(watch, seen, sys)", read=names["read"], watch=watch, seen=READ, sys=sys)
    assert records(board) == []

    with pytest.raises(RefusedAccessError):  # but it does not write
        ran("read(watch, seen, sys)", read=names["read"], watch=watch, seen=WRITE, sys=sys)


# The hook


@pytest.fixture
def hook(watching, monkeypatch):
    hooks = []
    monkeypatch.setattr(sys, "addaudithook", hooks.append)
    watching().start()
    return hooks[0]


def test_hook_passes_over_what_no_judge_knows_and_what_is_of_no_interest(hook, board):
    hook("compile", (None, "x"))
    hook("open", (7, "r", 0))
    hook("os.kill", (os.getpid(), 9))

    assert records(board) == []


def test_hook_tells_of_whoever_raised_the_event(hook, board, ran):
    ran("hook('open', ('/data/a', 'r', 0))", hook=hook)

    [record] = records(board)
    assert record["effect"] == "open"
    assert record["detail"] == "/data/a"


def test_hook_needs_no_name_that_a_file_can_replace(hook, board, ran, monkeypatch):
    monkeypatch.setattr(sys, "_getframe", None)
    ran("hook('open', ('/data/a', 'r', 0))", hook=hook)

    assert len(records(board)) == 1


def test_started_watch_sees_what_really_happens_and_keeps_it_from_happening(
    watching, board, ran, tmp_path
):
    target = tmp_path / "written"

    def watched():
        watching().start()
        try:
            ran("open(target, 'w')", target=str(target))
        except PermissionError:
            return True
        return False

    assert forked(watched)
    [record] = records(board)
    assert (record["effect"], record["detail"], record["refused"]) == ("open", str(target), True)
    assert not target.exists()


def test_started_watch_lets_nobody_watch_beside_it(watching, board, ran):
    def watched():
        watching().start()
        seen = []
        ran("import sys\nsys.addaudithook(lambda *_: seen.append(1))\nopen('/dev/null').close()",
            seen=seen)  # fmt: skip
        return seen

    assert forked(watched) == []
    assert [record["effect"] for record in records(board)] == ["sys.addaudithook"]


# What stand-ins tell


def test_note_is_told_where_the_repository_led_to_it(watching, board, ran):
    watch = watching()
    note = "watch.note('mlflow.x', kind, 'detail', sys._getframe(0), refused=True)"
    ran("watch.note('x', kind, '', sys._getframe(0))", watch=watch, kind=Kind.SLEEP, sys=sys)
    ran(note, watch=watch, kind=Kind.MLFLOW, sys=sys)
    ran(note, "/lib/a.py", watch=watch, kind=Kind.MLFLOW, sys=sys)
    watch.note("mlflow.x", Kind.MLFLOW, "", None)

    happened, record = records(board)
    assert (record["effect"], record["kind"], record["detail"]) == ("mlflow.x", "mlflow", "detail")
    assert record["refused"] is True
    assert happened["refused"] is False
    assert watch.kinds == {Kind.MLFLOW, Kind.SLEEP}


def test_thread_is_told_by_what_it_runs_and_remembered(watching, board, ran):
    watch = watching()
    thread = threading.Thread(target=test_stand_in_interferes)
    ran("watch.thread(start, sys._getframe(0))", watch=watch, start=thread._bootstrap, sys=sys)

    [record] = records(board)
    assert (record["kind"], record["detail"]) == ("thread", "test_stand_in_interferes")
    assert not record["refused"]
    assert list(STARTED) == [id(thread)]
    assert STARTED[id(thread)].places


@pytest.mark.parametrize(
    ("function", "name"), [(print, "print"), (object(), "object"), (len, "len")]
)
def test_thread_of_a_bare_function_is_told_by_its_name(watching, board, ran, function, name):
    watch = watching()
    ran("watch.thread(f, sys._getframe(0))", watch=watch, f=function, sys=sys)

    assert [record["detail"] for record in records(board)] == [name]


def test_thread_of_a_library_is_remembered_and_not_told(watching, board, ran):
    watch = watching()
    ran("watch.thread(print, sys._getframe(0))", "/lib/a.py", watch=watch, sys=sys)

    assert records(board) == []
    assert len(STARTED) == 1


def test_last_words_are_told_with_the_way_there(watching, board, ran, root):
    watch = watching()
    ran("watch.last_words('it ended', sys._getframe(0))", watch=watch, sys=sys)
    watch.last_words("it broke", None)

    assert records(board) == [
        {"ending": "it ended", "places": [[f"{root}/dags/a.py", 1, 1, 0, 46, ""]]},
        {"ending": "it broke", "places": []},
    ]


def test_watch_knows_the_code_of_the_repository(watching, ran):
    watch = watching()
    frames = []
    for name in ("dags/a.py", "/lib/a.py"):
        ran("frames.append(sys._getframe(0))", name, frames=frames, sys=sys)

    assert [watch.owns(frame) for frame in frames] == [True, False]
