"""The watchdog ends what hangs, and leaves no trace where nothing did."""

import signal
import socket
import subprocess
import sys
import threading
import time

import pytest

from dagproof.runner import watchdog
from dagproof.runner.watchdog import watched


class Bark(BaseException):
    """What the watchdogs of this module raise."""


def test_sleeping_block_is_ended():
    started = time.monotonic()

    with pytest.raises(Bark, match=r"^the run was still going after 0\.1 s$"), watched(0.1, Bark):
        time.sleep(60)

    assert time.monotonic() - started < 30


def test_blocking_receive_is_ended():
    left, right = socket.socketpair()
    with left, right, pytest.raises(Bark), watched(0.1, Bark):
        left.recv(1)


def test_block_that_ends_in_time_is_left_alone():
    with watched(60, Bark) as dog:
        pass

    assert dog.stacks == ""


def test_stacks_of_every_thread_are_taken():
    done = threading.Event()
    waiting = threading.Thread(target=done.wait, name="the-waiting-one", daemon=True)
    waiting.start()
    try:
        with pytest.raises(Bark), watched(0.1, Bark) as dog:
            time.sleep(60)
    finally:
        done.set()
        waiting.join()

    assert "Thread MainThread:\n" in dog.stacks
    assert "test_stacks_of_every_thread_are_taken" in dog.stacks
    assert "Thread the-waiting-one:\n" in dog.stacks


def test_watchdogs_own_thread_is_no_part_of_the_stacks():
    with pytest.raises(Bark), watched(0.1, Bark) as dog:
        time.sleep(60)

    assert "_stacks_of_all_threads" not in dog.stacks


def test_handler_of_before_is_put_back():
    def handler(*_):
        raise AssertionError

    original = signal.signal(signal.SIGUSR2, handler)
    try:
        with watched(60, Bark):
            assert signal.getsignal(signal.SIGUSR2) is not handler
        assert signal.getsignal(signal.SIGUSR2) is handler
    finally:
        signal.signal(signal.SIGUSR2, original)


def test_handler_of_before_is_put_back_after_a_bark():
    before = signal.getsignal(signal.SIGUSR2)

    with pytest.raises(Bark), watched(0.1, Bark):
        time.sleep(60)

    assert signal.getsignal(signal.SIGUSR2) is before


def test_timer_is_gone_when_the_block_is():
    before = threading.active_count()

    with watched(60, Bark):
        assert threading.active_count() == before + 1

    assert threading.active_count() == before


def test_timer_does_not_keep_a_process_from_ending():
    before = set(threading.enumerate())

    with watched(60, Bark):
        assert all(thread.daemon for thread in set(threading.enumerate()) - before)


def test_bark_that_comes_too_late_does_nothing(monkeypatch):
    """The block ends while the timer's thread is between the stacks and the signal."""
    barking, over = threading.Event(), threading.Event()

    def slow_stacks():
        barking.set()
        over.wait(0.5)
        return "stacks"

    monkeypatch.setattr(watchdog, "_stacks_of_all_threads", slow_stacks)
    late = []
    original = signal.signal(signal.SIGUSR2, lambda *_: late.append("signal"))
    try:
        with watched(0.01, Bark):
            barking.wait(60)
        # Without a wait for the timer the signal would come to the handler of before, by
        # default the end of the process.
        over.wait(0.6)
    finally:
        signal.signal(signal.SIGUSR2, original)

    assert late == []


def test_other_thread_is_not_watched():
    yielded = []

    def watch():
        with watched(0.01, Bark) as dog:
            yielded.append(dog)

    thread = threading.Thread(target=watch)
    before = signal.getsignal(signal.SIGUSR2)
    thread.start()
    thread.join()

    assert yielded == [None]
    assert signal.getsignal(signal.SIGUSR2) is before


def stubborn(last_resort):
    """A process whose block swallows every interruption for some seconds."""
    script = f"""
import time
from dagproof.runner import watchdog

class Bark(BaseException): ...

watchdog.GRACE = 0.5
with watchdog.watched(0.1, Bark, last_resort={last_resort}):
    end = time.monotonic() + 4
    while time.monotonic() < end:
        try:
            time.sleep(4)
        except BaseException:
            print("swallowed", flush=True)
print("the end")
"""
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, timeout=120, check=False
    )


def test_last_resort_ends_a_process_that_swallows_the_interruption():
    done = stubborn(last_resort=True)

    assert done.stdout == "swallowed\n"
    assert done.returncode == 1
    assert "Timeout" in done.stderr
    assert "most recent call first" in done.stderr


def test_without_last_resort_the_process_lives_on():
    done = stubborn(last_resort=False)

    assert (done.stdout, done.returncode) == ("swallowed\nthe end\n", 0)


def test_last_resort_is_called_off_when_the_block_ends(monkeypatch):
    calls = []
    monkeypatch.setattr(
        watchdog.faulthandler,
        "dump_traceback_later",
        lambda seconds, **how: calls.append((seconds, how)),
    )
    monkeypatch.setattr(
        watchdog.faulthandler, "cancel_dump_traceback_later", lambda: calls.append("off")
    )

    with watched(60, Bark, last_resort=True):
        assert calls == [(60 + watchdog.GRACE, {"exit": True})]

    assert calls == [(60 + watchdog.GRACE, {"exit": True}), "off"]


def test_last_resort_of_somebody_else_is_not_called_off(monkeypatch):
    monkeypatch.setattr(
        watchdog.faulthandler, "cancel_dump_traceback_later", lambda: pytest.fail("called off")
    )

    with watched(60, Bark):
        pass
