"""Lines over a socket."""

import socket
import threading
import time

import pytest

from dagproof.services.wire import Wire


@pytest.fixture
def ends():
    one, other = socket.socketpair()
    wires = Wire(one), Wire(other)
    yield wires
    for wire in wires:
        wire.close()


@pytest.fixture
def raw_and_wire():
    one, other = socket.socketpair()
    wire = Wire(other)
    yield one, wire
    one.close()
    wire.close()


def test_messages_arrive_whole_and_in_order(ends):
    here, there = ends
    here.send({"a": 1})
    threading.Thread(target=here.send, args=[{"b": "ü" * 100_000}]).start()

    assert there.receive(5) == {"a": 1}
    assert there.receive(5) == {"b": "ü" * 100_000}


def test_a_message_that_comes_in_pieces_is_one_message(raw_and_wire):
    one, other = raw_and_wire
    one.sendall(b'{"a": ')
    threading.Timer(0.05, one.sendall, [b"1}\n"]).start()

    assert other.receive(5) == {"a": 1}


def test_silence_is_a_timeout_and_loses_nothing(raw_and_wire):
    one, other = raw_and_wire
    one.sendall(b'{"a": ')
    with pytest.raises(TimeoutError):
        other.receive(0.02)
    one.sendall(b"1}\n")

    assert other.receive(5) == {"a": 1}


def test_a_peer_that_has_gone_is_none(ends):
    here, there = ends
    here.send({"a": 1})
    here.close()

    assert list(there) == [{"a": 1}]
    assert there.receive() is None


def test_sending_to_a_peer_that_has_gone_is_no_error(ends):
    here, there = ends
    there.close()

    here.send({"a": 1})
    here.send({"a": 1})


def test_looking_whether_the_peer_has_gone_never_waits_and_takes_nothing(ends):
    here, there = ends
    with pytest.raises(TimeoutError):  # leaves a timeout behind on the socket
        there.receive(0.3)
    began = time.monotonic()

    assert not there.peer_has_gone()
    here.send({"a": 1})
    assert not there.peer_has_gone()
    assert there.receive(5) == {"a": 1}
    here.close()
    assert there.peer_has_gone()
    assert time.monotonic() - began < 0.2


def test_a_peer_that_hangs_up_before_its_first_word_does_not_begin(ends):
    here, there = ends
    here.close()

    assert not there.begins(5)


def test_a_first_word_is_still_there_after_it_was_noticed(ends):
    here, there = ends
    here.send({"a": 1})

    assert there.begins(5)
    assert there.receive(5) == {"a": 1}
