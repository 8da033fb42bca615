"""Ends what computes for too long, so that no schema and no template holds the others up."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from typing import Final, NoReturn

_AGAIN_SECONDS: Final = 0.05
"""After this it is raised once more, where a destructor has swallowed it."""


class OutOfTimeError(BaseException):
    """Raised in what takes too long; not an `Exception`, so that nothing takes it for a result."""


@contextlib.contextmanager
def within(seconds: float) -> Iterator[None]:
    """Give what runs inside this many CPU seconds; an outer limit, and other threads, have none.

    Raises:
        OutOfTimeError: they are over.
    """
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getitimer(signal.ITIMER_VIRTUAL)[0]:
        yield
        return
    previous = signal.signal(signal.SIGVTALRM, _raise)
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, _AGAIN_SECONDS)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, previous)


def _raise(*_: object) -> NoReturn:
    raise OutOfTimeError
