"""Where one child after the other lives, and what its parent can tell of it from outside."""

import os
import resource
import signal
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from dagproof.import_audit.board import Board
from dagproof.import_audit.orders import Job

_NEWS: Final = 4096


class Slot:
    """Where one child after the other lives."""

    def __init__(self) -> None:
        self.board = Board()
        self.report = _report()
        self.pid = 0
        self.job: Job | None = None
        self.given = self.deadline = 0.0
        self.asked: Connection | None = None
        self.files = 0
        self.blind = False

    @property
    def wire(self) -> Connection:
        """The socket to the child that lives here."""
        if self.asked is None:
            raise RuntimeError("no child lives here")
        return self.asked


def signal_name(number: int) -> str:
    """Return the name of a signal, also of one that has none."""
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal
        return f"signal {number}"


def resident(pid: int) -> int:
    """Return how many bytes of memory a process has; 0 where nobody knows."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0
    return pages * resource.getpagesize()


def woken(wire: Connection) -> bool:
    """Take whatever a child has written: it says that there is news, and nothing else.

    A file that is imported can write there, too.
    """
    try:
        return bool(os.read(wire.fileno(), _NEWS))
    except OSError:
        return False


def _report() -> int:
    """Return a descriptor that Python writes stacks to; nothing of it is on disk where possible."""
    if hasattr(os, "memfd_create"):
        return os.memfd_create("report", os.MFD_CLOEXEC)
    with tempfile.TemporaryFile() as file:
        return os.dup(file.fileno())
