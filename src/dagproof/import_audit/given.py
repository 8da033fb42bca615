"""Which jobs a process took on: written where it can be read when that process has ended."""

import os
import tempfile
from collections.abc import Set as AbstractSet
from typing import Final

from dagproof.import_audit.orders import Job

_MOST: Final = 2**30


class Given:
    """Jobs in order, each when it was given to a child; nothing of it is on disk where possible.

    Args:
        descriptor: of an empty file, which whoever writes and whoever reads have open; closed by
            `close` alone.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def add(self, job: Job) -> None:
        """Write down that a job is given to a child."""
        os.write(self.descriptor, _line(job))

    def among(self, jobs: AbstractSet[Job]) -> list[Job]:
        """Return those of some jobs that were given to a child, the first to be given first."""
        lines = os.pread(self.descriptor, _MOST, 0).splitlines(keepends=True)
        order = {line: place for place, line in enumerate(lines)}
        return sorted(
            (job for job in jobs if _line(job) in order), key=lambda job: order[_line(job)]
        )

    def close(self) -> None:
        """Give up the memory."""
        os.close(self.descriptor)


def nothing_given() -> Given:
    """Return where a process that is to be started may write."""
    if hasattr(os, "memfd_create"):
        return Given(os.memfd_create("given", os.MFD_CLOEXEC))
    with tempfile.TemporaryFile() as file:
        return Given(os.dup(file.fileno()))


def _line(job: Job) -> bytes:
    return f"{job.number} {job.mode.value}\n".encode()
