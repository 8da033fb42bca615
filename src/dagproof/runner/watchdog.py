"""Ends a run that hangs, and shows where every thread stood."""

import contextlib
import faulthandler
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from typing import Final

GRACE: Final = 15.0
"""Seconds between the polite end of a run and the end of a process that did not react to it."""


class Watchdog:
    """Raises an exception in the main thread when its time is up.

    Attributes:
        stacks: every thread's stack at that moment; empty while time is left.
        asleep: set when the block is over; a bark that is still on its way then does nothing.
    """

    def __init__(self, seconds: float, interruption: Callable[[str], BaseException]) -> None:
        self.stacks = ""
        self.asleep = False
        self._seconds = seconds
        self._interruption = interruption

    def bark(self) -> None:
        """Take the stacks and call the main thread; runs in the timer's thread."""
        self.stacks = _stacks_of_all_threads()
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGUSR2)

    def on_signal(self, *_: object) -> None:
        """End whatever the main thread is doing.

        Raises:
            BaseException: the interruption that the watchdog was given.
        """
        if not self.asleep:
            raise self._interruption(f"the run was still going after {self._seconds:g} s")


@contextlib.contextmanager
def watched(
    seconds: float, interruption: Callable[[str], BaseException], *, last_resort: bool = False
) -> Iterator[Watchdog | None]:
    """Interrupt the block after `seconds`.

    The exception is raised by a signal handler, so that it also ends a blocking system call. Code
    that swallows it, or that never returns to Python, is ended with the process when `last_resort`
    is set: `GRACE` seconds later, all stacks on standard error, exit code 1.

    Yields None in a thread that is not the main one: signals do not arrive there.
    """
    if threading.current_thread() is not threading.main_thread():
        yield None
        return
    dog = Watchdog(seconds, interruption)
    previous = signal.signal(signal.SIGUSR2, dog.on_signal)
    if last_resort:
        faulthandler.dump_traceback_later(seconds + GRACE, exit=True)
    timer = threading.Timer(seconds, dog.bark)
    timer.daemon = True
    timer.start()
    try:
        yield dog
    finally:
        dog.asleep = True
        timer.cancel()
        timer.join()  # a signal after the handler is put back would end the process
        if last_resort:
            faulthandler.cancel_dump_traceback_later()
        signal.signal(signal.SIGUSR2, previous)


def _stacks_of_all_threads() -> str:
    names = {thread.ident: thread.name for thread in threading.enumerate()}
    parts = []
    for ident, frame in sys._current_frames().items():  # noqa: SLF001 - the documented way
        if ident != threading.get_ident():
            stack = "".join(traceback.format_stack(frame))
            parts.append(f"Thread {names.get(ident, ident)}:\n{stack}")
    return "\n".join(parts)
