"""What takes longer than it may is interrupted, and ends its process where it hears nothing."""

import contextlib
import os
import signal
import time

import pytest

from dagproof.airflow_compat.alarms import (
    LAST_RESORT,
    PATIENCE,
    EndlessTemplateError,
    alarms,
    limited,
)


def test_thing_that_ends_in_time_leaves_nothing_behind():
    with alarms(), limited(10):
        assert 9 < signal.getitimer(signal.ITIMER_REAL)[0] <= 10
        assert 29 < signal.getitimer(signal.ITIMER_VIRTUAL)[0] < PATIENCE * 10 + 1

    assert signal.getitimer(signal.ITIMER_REAL)[0] == 0
    assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0


def test_thing_that_takes_longer_is_interrupted():
    began = time.monotonic()
    with alarms():
        with pytest.raises(EndlessTemplateError), limited(0.05):
            time.sleep(10)
        time.sleep(0.1)  # no alarm is left

    assert time.monotonic() - began < 5


def test_thing_that_goes_on_is_interrupted_again():
    def go_on():
        with contextlib.suppress(BaseException):
            time.sleep(10)
        time.sleep(10)

    with alarms(), pytest.raises(EndlessTemplateError), limited(0.05):
        go_on()


def test_nothing_that_is_rendered_catches_the_interruption():
    assert not issubclass(EndlessTemplateError, Exception)


def test_handler_of_before_comes_back():
    before = signal.getsignal(signal.SIGALRM)
    with contextlib.suppress(ZeroDivisionError), alarms():
        assert signal.getsignal(signal.SIGALRM) is not before
        _ = 1 / 0

    assert signal.getsignal(signal.SIGALRM) is before


def test_process_that_hears_no_alarm_is_ended():
    child = os.fork()
    if child == 0:
        signal.signal(signal.SIGALRM, signal.SIG_IGN)
        with limited(0.02):
            while True:
                pass
    _, status = os.waitpid(child, 0)

    assert os.WTERMSIG(status) == LAST_RESORT == signal.SIGVTALRM
    assert PATIENCE == 3
