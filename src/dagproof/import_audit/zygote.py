"""A process that imports Airflow once, and forks the children that import DAG files.

Run as `python -P -m dagproof.import_audit.zygote FD GIVEN`: FD is a socket to who asks. It takes
`Surroundings`, a `Plan` and jobs, and gives outcomes. GIVEN is a file for the jobs that it took on.
"""

import contextlib
import gc
import os
import selectors
import signal
import socket
import sys
import time
from collections import deque
from multiprocessing.connection import Connection
from typing import Final

from dagproof.airflow_compat import parsing, preloading
from dagproof.import_audit.child import SAY_WHERE, Child
from dagproof.import_audit.confine import confine, libc
from dagproof.import_audit.frames import library_folders
from dagproof.import_audit.given import Given
from dagproof.import_audit.orders import Folders, Job, Mode, Outcome, Plan, Surroundings
from dagproof.import_audit.refusals import allowed
from dagproof.import_audit.slot import Slot, resident, signal_name, woken
from dagproof.model import Kind
from dagproof.services.privileges import die_with_parent

_GRACE: Final = 0.1
"""Seconds after its time that a child gets to write down where it hangs."""

_PULSE: Final = 0.1
"""Seconds between two looks at children that work: how much memory they have."""

_ONWARD: Final = 10.0
"""Seconds that an import gets which goes on with stand-ins; a loop over them may not end."""

_TOGETHER: Final = (Mode.PLAIN, Mode.EXPLORE)
"""Modes in which a child may import one file after the other."""

_LOOK: Final = 0.02
"""Seconds between two looks at a child that closed all its descriptors."""


class Zygote:
    """Has jobs done by children, each child by itself in its process.

    Args:
        asker: gives jobs and takes outcomes.
        given: remembers the jobs that were taken on.
        surroundings: what holds for all files.
        workers: how many children there are at a time.
    """

    def __init__(
        self, asker: Connection, given: Given, surroundings: Surroundings, workers: int
    ) -> None:
        self._asker = asker
        self._given = given
        self._surroundings = surroundings
        self._jobs: deque[Job] = deque()
        self._slots = [Slot() for _ in range(workers)]
        self._selector = selectors.DefaultSelector()
        self._more = True
        self._most = resident(os.getpid()) + surroundings.memory

    def run(self) -> None:
        """Work until every job is done and no more come."""
        self._selector.register(self._asker, selectors.EVENT_READ, None)
        while self._more or self._jobs or any(slot.job for slot in self._slots):
            for slot in self._slots:
                self._busy(slot)
            for key, _ in self._selector.select(self._patience()):
                if key.data is None:
                    self._take_jobs()
                else:
                    self._heard(key.data)
            for slot in self._slots:
                if slot.job is not None and time.monotonic() - slot.given > _LOOK:
                    self._look_after(slot, slot.job)
        for slot in self._slots:
            self._end(slot)

    def _take_jobs(self) -> None:
        try:
            jobs = self._asker.recv()
        except EOFError:
            os._exit(1)  # nobody is left to tell; the children die with us
        if jobs is None:
            self._more = False
            self._selector.unregister(self._asker)
        elif all(job.mode in _TOGETHER for job in jobs):
            self._jobs.extendleft(reversed(jobs))
        else:
            self._jobs.extend(jobs)

    def _busy(self, slot: Slot) -> None:
        """Give a job to a slot that has none."""
        if slot.job is not None or not self._jobs:
            return
        if self._jobs[0].mode not in _TOGETHER and slot.files:
            self._end(slot)  # they come last: what it has loaded is of use to nobody any more
        if not slot.pid:
            self._fork(slot)
        slot.job = job = self._jobs.popleft()
        slot.files += 1
        slot.blind = False
        slot.board.clear()
        os.truncate(slot.report, 0)
        os.lseek(slot.report, 0, os.SEEK_SET)
        slot.given = time.monotonic()
        slot.deadline = slot.given + self._time_for(job)
        self._given.add(job)
        try:
            slot.wire.send(job)
        except OSError:
            self._over(slot)

    def _fork(self, slot: Slot) -> None:
        ours, theirs = socket.socketpair()
        gc.freeze()
        zygote = os.getpid()
        slot.pid = os.fork()
        if slot.pid == 0:
            self._become_child(slot, ours, theirs, zygote)
        theirs.close()
        slot.asked = Connection(ours.detach())
        slot.files = 0
        self._selector.register(slot.asked, selectors.EVENT_READ, slot)

    def _become_child(
        self, slot: Slot, ours: socket.socket, theirs: socket.socket, zygote: int
    ) -> None:
        """Live as a child, and never come back."""
        try:
            die_with_parent()
            if os.getppid() != zygote:  # it ended before the kernel was asked
                os._exit(1)
            self._selector.close()
            ours.close()
            self._asker.close()
            self._given.close()
            for other in self._slots:
                if other.asked is not None:
                    other.asked.close()
            nowhere = os.open(os.devnull, os.O_RDWR)
            for standard in range(3):
                os.dup2(nowhere, standard)
            asker = Connection(theirs.detach())
            self._confine()

            def receive() -> Job | None:
                try:
                    job: Job = asker.recv()
                except (EOFError, OSError):
                    return None
                return job

            def done() -> None:
                with contextlib.suppress(OSError):  # the file has closed it
                    os.write(asker.fileno(), b".")

            Child(slot.board, self._surroundings, slot.report).live(receive, done)
        finally:
            os._exit(1)

    def _confine(self) -> None:
        """Have the kernel keep a child from what its audit hook cannot see."""
        surroundings = self._surroundings
        allow = allowed(surroundings.allow)
        kept = (surroundings.bytecode,) if surroundings.bytecode else library_folders()
        confine(
            (surroundings.scratch, surroundings.home, os.devnull, "/dev/shm", *kept),  # noqa: S108 - of semaphores
            files=not allow.lets_through(Kind.FILESYSTEM_WRITE, Kind.SUBPROCESS),
            sockets=not allow.lets_through(Kind.NETWORK, Kind.DATABASE, Kind.MLFLOW),
        )

    def _heard(self, slot: Slot) -> None:
        """Take a sign of life, or of the end, from a child."""
        if not woken(slot.wire):
            self._selector.unregister(slot.wire)
            slot.blind = True
        if slot.job is not None:
            self._look_after(slot, slot.job)

    def _look_after(self, slot: Slot, job: Job) -> None:
        if slot.board.finished:
            self._tell(slot, job)
            return
        ended = self._status(slot)
        if ended is not None:
            self._tell(slot, job, ended)
        elif time.monotonic() > slot.deadline + self._more_time(slot):
            self._tell(slot, job, "timeout")
        elif resident(slot.pid) > self._most:
            self._tell(slot, job, "memory")

    def _status(self, slot: Slot) -> str | None:
        """Return how a child ended; None where it lives."""
        pid, status = os.waitpid(slot.pid, os.WNOHANG)
        if pid == 0:
            return None
        slot.pid = 0
        code = os.waitstatus_to_exitcode(status)
        return f"exit code {code}" if code >= 0 else signal_name(-code)

    def _tell(self, slot: Slot, job: Job, ending: str = "") -> None:
        """Pass on what came of a job."""
        if ending == "timeout" and slot.pid:
            os.kill(slot.pid, SAY_WHERE)
            time.sleep(_GRACE)
        if ending:
            self._kill(slot)  # nothing may be written while it is read
        outcome = Outcome(job, ending=ending)
        for record in slot.board.read():
            outcome.add(record)
        slot.job = None
        if ending:
            size = os.fstat(slot.report).st_size
            outcome.stack = os.pread(slot.report, min(size, 100_000), 0).decode(errors="replace")
        outcome.fresh = slot.files == 1
        if ending or slot.blind or outcome.result.get("retire"):
            self._end(slot)
        self._busy(slot)  # before anything else: it is all that waits for nobody
        self._asker.send(outcome)

    def _over(self, slot: Slot) -> None:
        """Give the job of a child that is gone to another one."""
        if slot.job is not None:
            self._jobs.appendleft(slot.job)
            slot.job = None
        self._end(slot)

    def _kill(self, slot: Slot) -> None:
        if slot.pid:
            os.kill(slot.pid, signal.SIGKILL)
            os.waitpid(slot.pid, 0)
            slot.pid = 0

    def _end(self, slot: Slot) -> None:
        self._kill(slot)
        if slot.asked is not None:
            if not slot.blind:
                self._selector.unregister(slot.asked)
            slot.asked.close()
            slot.asked = None
        slot.files, slot.blind = 0, False

    def _patience(self) -> float | None:
        """Return for how long nothing but a message is of interest."""
        working = [slot for slot in self._slots if slot.job is not None]
        if not working:
            return None
        return _LOOK if any(slot.blind for slot in working) else _PULSE

    def _time_for(self, job: Job) -> float:
        """Return the wall-clock seconds that a job may take."""
        timeout = self._surroundings.timeout
        return min(timeout, _ONWARD) if job.mode is Mode.ONWARD else timeout

    def _more_time(self, slot: Slot) -> float:
        """Return the seconds that come on top where DAGs are explored: what is left is theirs."""
        explorer = self._surroundings.explorer
        return explorer.seconds if explorer is not None and slot.board.exploring else 0.0


def _listed(folders: Folders) -> list[str] | None:
    """Return the files that Airflow imports; None where its own listing fails."""
    try:
        return [path for folder in folders.paths for path in parsing.list_files(folder)]
    except Exception:  # noqa: BLE001 - links in a circle, a folder that is gone, a bad pattern
        return None


def _warm_up(surroundings: Surroundings) -> None:
    """Have the explorer load what all children need, where it can."""
    if surroundings.explorer is not None:
        module = sys.modules.get(surroundings.explorer.function.rpartition(".")[0])
        with contextlib.suppress(Exception):  # it is told by the first child
            getattr(module, "warm_up", lambda: None)()


def main(descriptor: int, given: int) -> int:
    """Load Airflow, say so, and have jobs done."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who asks is interrupted, and we end with it
    gc.disable()
    asker = Connection(descriptor)
    surroundings: Surroundings = asker.recv()
    for folder in surroundings.paths:
        if folder not in sys.path:
            sys.path.append(folder)
    preloading.preload()
    asked: Folders | Plan = asker.recv()
    while isinstance(asked, Folders):
        asker.send(_listed(asked))
        asked = asker.recv()
    plan = asked
    libc()
    preloading.preload_named(plan.modules)
    _warm_up(surroundings)
    asker.send("ready")
    os.chdir(surroundings.directory)
    Zygote(asker, Given(given), surroundings, plan.workers).run()
    sys.stdout.flush()
    os._exit(0)  # tearing Airflow down takes longer than a hundred imports


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
