"""Starts the process of a stage, hears it, and tells how it ended when it does not say so."""

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import IO, Any, Final

from dagproof.gate.messages import Message, Told, Unable, Work

OnMessage = Callable[[Message], None]
"""Told what the process says, as it says it."""

_PATIENCE: Final = 20.0
"""Seconds that a process gets to stop what it has started."""

_LAST_LINES: Final = 40
_UNABLE: Final = 3


@dataclass(frozen=True, slots=True)
class Ended:
    """How a process ended.

    Attributes:
        answer: what it said last; None where it ended without a word.
        ending: how it ended: `exit code 1`, `signal SIGSEGV`.
        printed: the end of what it, and what it ran, has printed.
    """

    answer: Told | Unable | None
    ending: str
    printed: str

    @property
    def told(self) -> str:
        """How it ended, and the last line that it printed, for the end of a sentence."""
        last = self.printed.strip().rpartition("\n")[2]
        return f"{self.ending}.{f' It said last: {last}' if last else ''}"


class Crew:
    """The processes of stages, several at a time."""

    def __init__(self) -> None:
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._stopped = False

    def carry_out(self, work: Work, on_message: OnMessage) -> Ended:
        """Have a process do something, and wait for it; once stopped, none begins any more.

        Args:
            work: what it is to do.
            on_message: told what it says meanwhile.
        """
        if self._stopped:
            return Ended(Unable("Interrupted.", _UNABLE), "it never began", "")
        with tempfile.TemporaryFile() as log, self._started(log) as (process, connection):
            with contextlib.suppress(OSError):  # it has ended before it heard anything
                connection.send(work)
            answer: Told | Unable | None = None
            while answer is None:
                try:
                    message = connection.recv()
                except (EOFError, OSError):
                    break
                if isinstance(message, Told | Unable):
                    answer = message
                else:
                    on_message(message)
            code = _wait(process)
            return Ended(answer, _ending(code), _last(log))

    def stop(self) -> None:
        """Interrupt those that are at work, for good; who waits for them hears of it."""
        self._stopped = True
        for process in tuple(self._processes):
            with contextlib.suppress(OSError):
                process.send_signal(signal.SIGINT)

    @contextmanager
    def _started(
        self, log: IO[bytes]
    ) -> Iterator[tuple["subprocess.Popen[bytes]", "Connection[Any, Any]"]]:
        ours, theirs = Pipe()
        with ours:
            with theirs:
                process = subprocess.Popen(
                    [sys.executable, "-m", "dagproof.gate.worker", str(theirs.fileno())],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    pass_fds=[theirs.fileno()],
                )
            self._processes.add(process)
            try:
                if self._stopped:  # meanwhile
                    _stop(process)
                yield process, ours
            finally:
                if process.poll() is None:
                    _stop(process)
                self._processes.discard(process)


def _wait(process: "subprocess.Popen[bytes]") -> int:
    try:
        return process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        return _stop(process)


def _stop(process: "subprocess.Popen[bytes]") -> int:
    """End a process as Ctrl-C does, so that services stop and folders go; for good if need be."""
    with contextlib.suppress(OSError):
        process.send_signal(signal.SIGINT)
    try:
        return process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _ending(code: int) -> str:
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"signal {signal.Signals(-code).name}"
    except ValueError:
        return f"signal {-code}"


def _last(log: IO[bytes]) -> str:
    size = log.seek(0, os.SEEK_END)
    log.seek(max(0, size - 64 * 1024))
    return "\n".join(log.read().decode(errors="replace").splitlines()[-_LAST_LINES:])
