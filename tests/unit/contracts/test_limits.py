"""What computes for too long is ended."""

import contextlib
import re
import signal
import threading

import pytest

from dagproof.contracts.limits import OutOfTimeError, within


def spin():
    while True:
        pass


def test_python_code_is_ended():
    with pytest.raises(OutOfTimeError), within(0.05):
        spin()


def test_regular_expression_is_ended():
    with pytest.raises(OutOfTimeError), within(0.05):
        re.match("^(a+)+$", "a" * 50 + "!")


def test_exception_handlers_of_what_runs_do_not_stop_it():
    def stubborn():
        while True:
            with contextlib.suppress(Exception):
                spin()

    with pytest.raises(OutOfTimeError), within(0.05):
        stubborn()


def test_limit_is_raised_again_where_it_was_swallowed():
    def swallowing():
        with contextlib.suppress(OutOfTimeError):
            spin()
        spin()

    with pytest.raises(OutOfTimeError), within(0.05):
        swallowing()


def test_nothing_is_left_of_the_limit():
    before = signal.getsignal(signal.SIGVTALRM)
    with within(5):
        assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] > 4
    assert signal.getitimer(signal.ITIMER_VIRTUAL)[0] == 0
    assert signal.getsignal(signal.SIGVTALRM) is before


def test_outer_limit_goes_on_through_an_inner_one():
    with within(5):
        with within(50):
            pass
        assert 0 < signal.getitimer(signal.ITIMER_VIRTUAL)[0] < 6


def test_other_threads_run_without_a_limit():
    ran = []

    def work():
        with within(0.01):
            ran.append(signal.getitimer(signal.ITIMER_VIRTUAL)[0])

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    assert ran == [0]
