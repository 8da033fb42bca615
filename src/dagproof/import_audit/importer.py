"""Has jobs done by a process, and by another one in its place when it ends in the middle of them.

What the process was working on when it ended is imported again, one file at a time: a file with
which it ends once more is to blame, and has this for its outcome.
"""

import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final

from dagproof.import_audit.given import Given
from dagproof.import_audit.orders import Folders, Job, Mode, Outcome, Plan
from dagproof.model import UnavailableError

_LAST_LINES: Final = 3

_MOST_ENDS: Final = 5
"""Processes that may end one after the other with nothing imported in between."""

_GOODBYE: Final = 10.0
"""Seconds that a process gets to end which does not answer any more."""


@dataclass(frozen=True, slots=True)
class Process:
    """A process that loads Airflow, and then imports files.

    Attributes:
        popen: the process.
        connection: to it.
        given: the jobs that it took on.
        log: what it says, which is nothing as long as all is well.
    """

    popen: "subprocess.Popen[bytes]"
    connection: Connection
    given: Given
    log: Path

    def ending(self) -> str:
        """Return how a process ended that hears nothing any more."""
        from dagproof.import_audit.slot import signal_name

        try:
            code = self.popen.wait(_GOODBYE)
        except subprocess.TimeoutExpired:
            self.popen.kill()
            code = self.popen.wait()
        return f"exit code {code}" if code >= 0 else signal_name(-code)

    def last_words(self) -> str:
        """Return the end of what it said."""
        text = self.log.read_text(errors="replace").strip()
        return "\n".join(text.splitlines()[-_LAST_LINES:])

    def close(self) -> None:
        """End it, if it has not ended yet."""
        self.connection.close()
        self.popen.kill()
        self.popen.wait()
        self.given.close()


class Importer:
    """A process for jobs, and those that come after it.

    Args:
        start: starts a process, which is told its surroundings already.
    """

    def __init__(self, start: Callable[[], Process]) -> None:
        self._start = start
        self._process: Process | None = start()
        self._plan: Plan | None = None
        self._pending: dict[int, Job] = {}
        self._suspects: deque[Job] = deque()
        self._alone: Job | None = None
        self._held = False
        self._ends = 0
        self.is_ready = False
        self.blamed: set[int] = set()

    @property
    def connection(self) -> Connection | None:
        """To the process; None where there is none, as there is nothing to do."""
        return None if self._process is None else self._process.connection

    def listed(self, folders: Folders) -> Sequence[str] | None:
        """Return the files that Airflow imports from folders; None where it cannot say.

        Raises:
            UnavailableError: the process has ended.
        """
        self._send(folders)
        process = self._there()
        try:
            files: Sequence[str] | None = process.connection.recv()
        except (EOFError, OSError) as error:
            raise _unavailable(process) from error
        return files

    def plan(self, plan: Plan, jobs: Sequence[Job]) -> None:
        """Have jobs done as soon as Airflow is loaded."""
        self._plan = plan
        self._pending.update((job.number, job) for job in jobs)
        self._send(plan)
        self._send(list(jobs))

    def ask(self, job: Job) -> None:
        """Have one more job done, after the others; there is none of this file."""
        self._pending[job.number] = job
        if self._process is None:
            self._begin_again()
        elif not self._held:
            self._send([job])

    def receive(self) -> Sequence[Outcome]:
        """Take what the process says, or that it has ended; return the outcomes of jobs.

        Raises:
            UnavailableError: it ended before Airflow was loaded, or again and again.
        """
        try:
            message = self._there().connection.recv()
        except (EOFError, OSError):
            return self._ended()
        if isinstance(message, Outcome):
            self._ends = 0
            del self._pending[message.job.number]
            if self._alone is not None:
                self._go_on()
            return [message]
        self.is_ready = True
        if self._held:
            self._go_on()
        return []

    def dismiss(self) -> None:
        """Say that no more jobs come."""
        if self._process is not None:
            self._send(None)

    def close(self) -> None:
        """End the process."""
        if self._process is not None:
            process, self._process = self._process, None
            process.close()

    def _ended(self) -> Sequence[Outcome]:
        """Put another process in the place of one that has ended; return whom it is laid to."""
        process = self._there()
        ending = process.ending()
        self._ends += 1
        if not self.is_ready or self._ends > _MOST_ENDS:
            raise _unavailable(process)
        given = process.given.among(set(self._pending.values()))
        blamed = [job for job in given if job is self._alone]
        if self._alone is None:
            self._suspects.extend(given)
            self._work_less()
        elif not blamed:
            self._suspects.appendleft(self._alone)
        self._alone = None
        outcomes = [_blame(job, ending, process.last_words()) for job in blamed]
        for job in blamed:
            del self._pending[job.number]
            self.blamed.add(job.number)
        self.close()
        if self._pending:
            self._begin_again()
        return outcomes

    def _work_less(self) -> None:
        """Have fewer files imported at a time: together they may have taken all memory."""
        if self._plan is not None:
            self._plan = replace(self._plan, workers=max(1, self._plan.workers // 2))

    def _begin_again(self) -> None:
        self.is_ready, self._held = False, True
        self._process = self._start()
        self._send(self._plan)

    def _go_on(self) -> None:
        """Have the next suspect imported, by itself; all that is left if there is none."""
        if not self._suspects:
            self._alone, self._held = None, False
            self._send(list(self._pending.values()))
            return
        job = self._suspects.popleft()
        self._alone = replace(job, mode=Mode.ALONE) if job.mode is Mode.PLAIN else job
        self._pending[job.number] = self._alone
        self._send([self._alone])

    def _send(self, message: object) -> None:
        with suppress(OSError):  # that it has ended is seen where it is listened to
            self._there().connection.send(message)

    def _there(self) -> Process:
        if self._process is None:
            raise RuntimeError("no process is there")
        return self._process


def _blame(job: Job, ending: str, said: str) -> Outcome:
    what = f"the process that starts all imports ended with it, twice: {_worded(ending)}"
    return Outcome(job, ending=ending, stack=said, what=what)


def _worded(ending: str) -> str:
    return ending if ending.startswith(("exit", "signal")) else f"signal {ending}"


def _unavailable(process: Process) -> UnavailableError:
    last = process.last_words() or "it said nothing"
    return UnavailableError(f"The process that imports DAG files has ended: {last}")
