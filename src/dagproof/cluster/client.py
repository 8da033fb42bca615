"""What users of a cluster call: bring one up, hold one, ask how it is, take it down."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.cluster.leftovers import end_leftovers
from dagproof.cluster.place import ClusterPlace
from dagproof.cluster.plan import Plan
from dagproof.cluster.record import Record
from dagproof.model import Progress, UnavailableError, UsageError
from dagproof.services.sentences import failure

_STOP_SECONDS: Final = 30.0


def silent(_sentence: str) -> None:
    """Take a sentence of progress and say nothing."""


@dataclass(frozen=True, slots=True)
class Held:
    """A cluster that was brought up.

    Attributes:
        record: what it says of itself.
        fresh: whether it was started for this, and did not run before.
    """

    record: Record
    fresh: bool


def up(plan: Plan, progress: Progress = silent) -> Held:
    """Bring up a cluster that stays until `down`; one that runs already is as good.

    Args:
        plan: what it is to be.
        progress: is told what is being done.

    Raises:
        DagproofError: something is missing, in use, or does not start; nothing stays then.
    """
    place = ClusterPlace(plan.folder)
    if place.is_held():
        return Held(_running(place), fresh=False)
    with _supervised(plan, place, progress) as supervisor:
        supervisor.stay()
        return Held(_record(place), fresh=True)


@contextlib.contextmanager
def held(plan: Plan, progress: Progress = silent) -> Iterator[Record]:
    """Hold a cluster for the length of a `with` block, or for as long as this process lives.

    Raises:
        DagproofError: something is missing, in use, or does not start.
        UsageError: one runs there already, and is not ours.
    """
    place = ClusterPlace(plan.folder)
    if place.is_held():
        raise UsageError(f"A cluster runs in `{plan.folder}` already; take it down first.")
    with _supervised(plan, place, progress):
        yield _record(place)


def status(place: ClusterPlace) -> Record | None:
    """Return what a running cluster says of itself, or None where none runs."""
    return Record.read(place.record) if place.is_held() else None


def down(place: ClusterPlace) -> bool:
    """Stop a cluster, also one that is just starting; return whether there was one.

    Raises:
        UnavailableError: it does not stop.
    """
    found = place.is_held()
    for sign in (signal.SIGTERM, signal.SIGKILL):
        if (supervisor := place.holder()) is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(supervisor, sign)
            _wait(lambda: not place.is_held(), _STOP_SECONDS)
    if place.is_held():
        raise UnavailableError(f"The cluster in `{place.folder}` does not stop; ask again.")
    return _end_leftovers(place) > 0 or found


def _end_leftovers(place: ClusterPlace) -> int:
    """End what a killed cluster has left, unless another has begun there since."""
    lock = place.hold(patience=0) if place.lock.exists() else None
    if lock is None:
        return 0
    with lock:
        return end_leftovers(place.folder)


def _wait(condition: Callable[[], bool], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.02)


def _running(place: ClusterPlace) -> Record:
    record = status(place)
    if record is None:
        raise UnavailableError(
            f"A cluster in `{place.folder}` is just starting or stopping; ask again."
        )
    return record


def _record(place: ClusterPlace) -> Record:
    record = Record.read(place.record)
    if record is None:
        raise UnavailableError("The cluster has ended as soon as it was up.")
    return record


class _Supervisor:
    """The process that supervises a cluster, at the other end of two pipes.

    Args:
        plan: what the cluster is to be.
        log: where the process writes.
    """

    def __init__(self, plan: Plan, log: Path) -> None:
        self._log = log
        with log.open("ab") as output:
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "dagproof.cluster.supervisor"],
                cwd=log.parent,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=output,
                start_new_session=True,
            )
        self._stays = False
        self._tell(plan.to_json())

    def stay(self) -> None:
        """Let it live on without us."""
        self._tell("stay")
        self._stays = True

    def listen(self, progress: Progress) -> None:
        """Pass on what it says, until all is healthy.

        Raises:
            DagproofError: it says what went wrong, or nothing any more.
        """
        for line in self._process.stdout or ():
            message = json.loads(line)
            if "progress" in message:
                progress(message["progress"])
            elif "ready" in message:
                return
            elif message["exit_code"] == UsageError.exit_code:
                raise UsageError(message["error"])
            else:
                raise UnavailableError(message["error"])
        raise failure("The supervisor of the cluster has died.", self._log)

    def close(self) -> None:
        """Hang up; unless it was told to stay it ends, and is waited for."""
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        if self._stays:
            return
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def _tell(self, line: str) -> None:
        if self._process.stdin is not None:
            with contextlib.suppress(OSError):
                self._process.stdin.write(f"{line}\n".encode())
                self._process.stdin.flush()


@contextlib.contextmanager
def _supervised(plan: Plan, place: ClusterPlace, progress: Progress) -> Iterator[_Supervisor]:
    """Start a supervisor, and yield it when all is healthy."""
    place.make()
    with contextlib.closing(_Supervisor(plan, place.supervisor_log)) as supervisor:
        supervisor.listen(progress)
        yield supervisor
