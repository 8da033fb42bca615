"""What a child wrote on the board stays, however the child ended and whatever else it wrote."""

import json
import os
import signal
import struct
import threading

import pytest

from dagproof.import_audit import board as module
from dagproof.import_audit.board import Board

HEAD = struct.Struct("<QQ")


@pytest.fixture
def board():
    return Board()


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(module, "_SIZE", 4096)
    return Board()


def child(function):
    """Run a function in a child that is killed as soon as it returns."""
    pid = os.fork()
    if pid == 0:
        try:
            function()
        finally:
            os.kill(os.getpid(), signal.SIGKILL)
    _, status = os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(status)


def raw(board, *records):
    """Write bytes where records are, each behind its length."""
    at = HEAD.size
    for data in records:
        board._memory[at : at + 4] = struct.pack("<I", len(data))
        board._memory[at + 4 : at + 4 + len(data)] = data
        at += 4 + len(data)
    HEAD.pack_into(board._memory, 0, at, 0)


def test_new_board_is_empty_and_unfinished(board):
    assert list(board.read()) == []
    assert not board.finished


def test_records_are_read_in_order(board):
    board.append({"number": 1, "nested": {"list": [1, None, "ü"]}})
    board.append({"number": 2})

    assert list(board.read()) == [{"number": 1, "nested": {"list": [1, None, "ü"]}}, {"number": 2}]


def test_records_survive_a_killed_child(board):
    def write():
        for number in range(100):
            board.append({"number": number})

    assert child(write) == -signal.SIGKILL
    assert [record["number"] for record in board.read()] == list(range(100))
    assert not board.finished


def test_records_survive_closed_descriptors_and_os_exit(board):
    pid = os.fork()
    if pid == 0:
        try:
            os.closerange(3, 256)
            board.append({"number": 1})
        finally:
            os._exit(3)
    os.waitpid(pid, 0)

    assert list(board.read()) == [{"number": 1}]


def test_parent_sees_that_a_child_has_finished(board):
    def write():
        board.append({"number": 1})
        board.finish()

    child(write)

    assert board.finished
    assert list(board.read()) == [{"number": 1}]


def test_record_after_the_end_takes_the_end_back(board):
    board.finish()
    board.append({"number": 1})

    assert not board.finished


def test_cleared_board_is_empty_and_unfinished(board):
    board.append({"number": 1})
    board.finish()
    board.clear()

    assert list(board.read()) == []
    assert not board.finished


def test_cleared_board_is_written_from_its_beginning(small):
    for _ in range(500):
        small.append({"text": "x" * 100})
        small.clear()
    small.append({"number": 1})

    assert list(small.read()) == [{"number": 1}]


def test_record_that_finds_no_room_is_left_out_and_a_smaller_one_is_not(small):
    small.append({"number": 1})
    small.append({"text": "x" * 4096})
    small.append({"number": 2})

    assert list(small.read()) == [{"number": 1}, {"number": 2}]


def test_board_may_be_filled_to_its_last_byte(small):
    room = 4096 - HEAD.size - 4 - len('{"text": ""}')
    small.append({"text": "x" * (room + 1)})
    assert list(small.read()) == []

    small.append({"text": "x" * room})
    assert len(list(small.read())) == 1


def test_value_that_json_does_not_know_is_told_as_text(board):
    board.append({"set": {1}, "path": os.fspath})

    assert list(board.read()) == [{"set": "{1}", "path": str(os.fspath)}]


def test_replaced_json_changes_nothing(board, monkeypatch):
    monkeypatch.setattr(json, "dumps", None)
    monkeypatch.setattr(json.JSONEncoder, "__init__", None)
    board.append({"number": 1})

    assert list(board.read()) == [{"number": 1}]


@pytest.mark.parametrize(
    "garbage",
    [b"[1]", b'"text"', b"1", b"null", b"{", b"\xff\xfe\xfd", b"", b"[" * 100_000],
    ids=lambda data: repr(data[:10]),
)
def test_what_is_no_record_is_passed_over(board, garbage):
    raw(board, b'{"number": 1}', garbage, b'{"number": 2}')

    assert list(board.read()) == [{"number": 1}, {"number": 2}]


def test_length_beyond_the_end_ends_the_reading(board):
    raw(board, b'{"number": 1}', b'{"number": 2}')
    at = HEAD.size + 4 + len(b'{"number": 1}')
    board._memory[at : at + 4] = b"\xff\xff\xff\xff"

    assert list(board.read()) == [{"number": 1}]


@pytest.mark.parametrize("end", [2**64 - 1, 4096, 4095])
def test_end_beyond_the_memory_is_not_followed(small, end):
    small.append({"number": 1})
    HEAD.pack_into(small._memory, 0, end, 1)

    assert list(small.read()) == [{"number": 1}]


@pytest.mark.parametrize("end", range(HEAD.size + 4))
def test_end_before_the_first_record_tells_nothing(board, end):
    board.append({"number": 1})
    HEAD.pack_into(board._memory, 0, end, 0)

    assert list(board.read()) == []


def test_threads_do_not_write_into_each_other(board):
    def write(name):
        for number in range(300):
            board.append({"name": name, "number": number})

    threads = [threading.Thread(target=write, args=(name,)) for name in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    records = list(board.read())

    assert len(records) == 1200
    for name in range(4):
        assert [one["number"] for one in records if one["name"] == name] == list(range(300))


def test_record_may_be_added_while_one_is_added(board):
    class Telling:
        def __str__(self):
            board.append({"inner": 1})
            return "outer"

    board.append({"value": Telling()})

    assert list(board.read()) == [{"inner": 1}, {"value": "outer"}]


def test_exploring_is_said_until_it_is_over(board):
    before = board.exploring
    board.explore()
    board.append({"n": 1})
    during = (board.exploring, board.finished)
    board.finish()

    assert (before, during) == (False, (True, False))
    assert (board.exploring, board.finished) == (False, True)

    board.clear()
    assert (board.exploring, board.finished) == (False, False)
