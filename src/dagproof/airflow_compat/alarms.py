"""Ends what takes longer than it may, also where no Python code runs any more."""

import contextlib
import signal
from collections.abc import Iterator
from types import FrameType
from typing import Final

PATIENCE: Final = 3
"""Times its seconds that something may compute before its process is ended: `9 ** 9 ** 9` hears no
alarm."""

LAST_RESORT: Final = signal.SIGVTALRM
"""The signal by which a process is ended then."""


class EndlessTemplateError(BaseException):
    """A template takes longer than it may. Nothing that is rendered catches it."""


@contextlib.contextmanager
def alarms() -> Iterator[None]:
    """Have `limited` raise; for the main thread alone."""

    def interrupt(_: int, __: FrameType | None) -> None:
        raise EndlessTemplateError

    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGALRM, before)


@contextlib.contextmanager
def limited(seconds: float) -> Iterator[None]:
    """Interrupt what takes longer, again and again should it go on; end the process at last.

    Raises:
        EndlessTemplateError: it took longer.
    """
    signal.setitimer(signal.ITIMER_REAL, seconds, seconds)
    signal.setitimer(signal.ITIMER_VIRTUAL, PATIENCE * seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
