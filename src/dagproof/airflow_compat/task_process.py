"""Keeps a task from deafening, ending or doubling the process that it shares with the run.

In production a task has a process of its own, with which it may do as it likes.
"""

import contextlib
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from typing import Any, Final
from unittest import mock

from dagproof.airflow_compat.task_body import around_body

_GUARDED_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT, signal.SIGALRM, signal.SIGUSR2)
_COULD_NOT_LOOK: Final = 3


@contextlib.contextmanager
def task_in_our_process() -> Iterator[None]:
    """Hold all guards while one attempt runs."""
    with (
        _streams_put_back(),
        _signals_put_back(),
        _exit_ends_the_task(),
        _children_end_where_the_task_does(),
    ):
        yield


@contextlib.contextmanager
def _streams_put_back() -> Iterator[None]:
    """Keep a task that closes or replaces standard output or error from silencing the report."""
    with contextlib.ExitStack() as stack:
        for name, number in (("stdout", 1), ("stderr", 2)):
            stream = getattr(sys, name)
            stack.callback(setattr, sys, name, stream)
            with contextlib.suppress(AttributeError):  # a stream of somebody's own making
                stack.enter_context(mock.patch.object(stream, "close", stream.flush))
            with contextlib.suppress(OSError):  # it was closed before
                kept = os.dup(number)
                stack.callback(os.close, kept)
                stack.callback(os.dup2, kept, number)
        yield


@contextlib.contextmanager
def _signals_put_back() -> Iterator[None]:
    """Let Airflow's SIGTERM handler stop the task, but not keep the process from ending.

    Its task runner installs one that only calls `on_kill()`, and leaves it there for good. The
    handlers and the alarm that the task itself sets are put back, too.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    handlers = {number: signal.getsignal(number) for number in _GUARDED_SIGNALS}
    previous = handlers[signal.SIGTERM]
    install = signal.signal
    alarm, interval = signal.getitimer(signal.ITIMER_REAL)
    began = time.monotonic()

    def install_beside(number: int, handler: Any) -> Any:
        if number != signal.SIGTERM or not callable(handler):
            return install(number, handler)

        def both(number: int, frame: Any) -> None:
            handler(number, frame)
            if callable(previous):
                previous(number, frame)
            elif previous == signal.SIG_DFL:
                install(signal.SIGTERM, signal.SIG_DFL)
                os.kill(os.getpid(), signal.SIGTERM)

        return install(number, both)

    try:
        with mock.patch.object(signal, "signal", install_beside):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        for number, handler in handlers.items():
            install(number, handler)
        if alarm:  # somebody's around the run, pytest-timeout's say
            left = alarm - (time.monotonic() - began)
            signal.setitimer(signal.ITIMER_REAL, max(left, 0.001), interval)


@contextlib.contextmanager
def _exit_ends_the_task() -> Iterator[None]:
    """Make `os._exit()` fail the task, where it would end the run without a word, perhaps with 0.

    Child processes end as they always do.
    """
    leave, owner = os._exit, os.getpid()

    def leave_the_task(code: int) -> None:
        if os.getpid() != owner:
            leave(code)
        if threading.current_thread() is threading.main_thread():
            raise SystemExit(f"os._exit({code}) ended the process of the task")
        print(f"dagproof: a thread of the task called os._exit({code}).", file=sys.__stderr__)
        leave(_COULD_NOT_LOOK)

    with mock.patch.object(os, "_exit", leave_the_task):
        yield


@contextlib.contextmanager
def _children_end_where_the_task_does() -> Iterator[None]:
    """End a forked child that comes back from the task's code; it would run the rest once more."""
    leave, owner = os._exit, os.getpid()

    def execute_once(body: Callable[[], Any]) -> Any:
        code = 1
        try:
            result = body()
            code = 0
        except BaseException:
            if os.getpid() != owner:
                traceback.print_exc()
            raise
        else:
            return result
        finally:
            if os.getpid() != owner:
                with contextlib.suppress(Exception):
                    sys.stdout.flush()
                    sys.stderr.flush()
                leave(code)

    with around_body(execute_once):
        yield
