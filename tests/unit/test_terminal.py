"""A line that counts is there on a terminal alone, and gone when all is done."""

import io
import os

import pytest

from dagproof import terminal
from dagproof.terminal import Counter

WIPE = "\r\x1b[K"


class _Stream(io.StringIO):
    encoding = "utf-8"

    def __init__(self, *, tty=True):
        super().__init__()
        self.tty = tty
        self.flushed = 0

    def isatty(self):
        return self.tty

    def flush(self):
        self.flushed += 1


@pytest.fixture
def clock(monkeypatch):
    """Let time stand still until a test moves it."""

    class Clock:
        now = 1000.0

        def monotonic(self):
            return self.now

    clock = Clock()
    monkeypatch.setattr(terminal.time, "monotonic", clock.monotonic)
    monkeypatch.setattr(terminal.shutil, "get_terminal_size", lambda: os.terminal_size((40, 24)))
    return clock


def test_files_are_counted_on_one_line_that_is_wiped_at_the_end(clock):
    stream = _Stream()

    with Counter(stream) as counter:
        counter.count(1, 20, "dags/a.py")
        clock.now += 1
        counter.count(2, 20, "dags/b.py")
        assert stream.getvalue() == f"{WIPE}[1/20] dags/a.py{WIPE}[2/20] dags/b.py"
        assert stream.flushed == 2

    assert stream.getvalue().endswith(f"dags/b.py{WIPE}")
    assert "\n" not in stream.getvalue()


def test_nothing_is_written_where_there_is_no_terminal(clock):
    stream = _Stream(tty=False)

    with Counter(stream) as counter:
        counter.count(1, 1, "dags/a.py")

    assert (stream.getvalue(), stream.flushed) == ("", 0)


def test_nothing_is_wiped_where_nothing_was_counted(clock):
    stream = _Stream()

    with Counter(stream):
        pass

    assert stream.getvalue() == ""


def test_line_changes_ten_times_a_second_and_for_the_last_file(clock):
    stream = _Stream()

    with Counter(stream) as counter:
        for number in range(1, 101):
            counter.count(number, 100, "x")
            clock.now += 0.0101

    shown = stream.getvalue().count("/100]")
    assert shown == 11
    assert f"{WIPE}[100/100] x{WIPE}" in stream.getvalue()


def test_line_is_never_wider_than_the_terminal(clock):
    stream = _Stream()

    with Counter(stream) as counter:
        counter.count(1, 1, "d" * 100)

    line = stream.getvalue().removeprefix(WIPE).removesuffix(WIPE)
    assert line == f"[1/1] {'d' * 33}"
    assert len(line) == 39


def test_line_is_wiped_though_the_work_fails(clock):
    stream = _Stream()

    def fail():
        with Counter(stream) as counter:
            counter.count(1, 2, "x")
            raise KeyError

    with pytest.raises(KeyError):
        fail()

    assert stream.getvalue().endswith(WIPE)


def test_name_that_the_terminal_cannot_show_is_shown_otherwise(clock):
    stream = _Stream()
    stream.encoding = "ascii"

    with Counter(stream) as counter:
        counter.count(1, 1, "dags/größe.py")

    assert stream.getvalue().isascii()
    assert "[1/1] dags/gr" in stream.getvalue()


@pytest.mark.parametrize("error", [BrokenPipeError, OSError, ValueError])
def test_reader_that_has_gone_away_does_not_stop_the_work(clock, error):
    class Gone(_Stream):
        def write(self, text):
            raise error

    with Counter(Gone()) as counter:
        counter.count(1, 1, "x")
