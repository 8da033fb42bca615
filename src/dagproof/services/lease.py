"""The client's end: find or start the keeper, hold a lease, ask for clean state."""

import fcntl
import socket
import subprocess
import sys
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagproof.model import Environment, Progress, UnavailableError
from dagproof.services.places import Place, place
from dagproof.services.sentences import SERVICES, failure, require
from dagproof.services.wire import Message, Wire

_START_SECONDS = 60
_FIRST_BUILD_SECONDS = 600
_RESET_SECONDS = 60
_STOP_SECONDS = 15


def silent(_sentence: str) -> None:
    """Take a sentence of progress and say nothing."""


class Tenancy:
    """What a user of the servers holds.

    Attributes:
        environment: variables that reach the servers; complete, though the servers may still
            be warming up behind sockets that already listen.
    """

    def __init__(self, talk: "_Talk", environment: Environment) -> None:
        self.environment = environment
        self._talk = talk
        self._ready = False

    def wait(self, timeout: float = 120) -> None:
        """Return when every server really answers.

        Raises:
            UnavailableError: one does not; one sentence and the end of its log.
        """
        if not self._ready:
            self._talk.until("ready", timeout)
            self._ready = True

    def reset(self) -> None:
        """Return to clean state at the same addresses: new database, empty MLflow and buckets.

        Raises:
            UnavailableError: a server does not come back.
        """
        self.wait()
        self._talk.send(op="reset")
        self._talk.until("reset", _RESET_SECONDS)


class _Talk:
    """A conversation with the keeper that passes progress on."""

    def __init__(self, where: Place, wire: Wire, progress: Progress) -> None:
        self._where = where
        self._wire = wire
        self._progress = progress

    def send(self, **message: object) -> None:
        self._wire.send(message)

    def until(self, key: str, timeout: float) -> Any:
        """Return what the keeper says under a key."""
        deadline = time.monotonic() + timeout
        while True:
            try:
                message = self._wire.receive(max(0.001, deadline - time.monotonic()))
            except TimeoutError as error:
                raise failure(
                    f"The services did not answer within {timeout:.0f} s.", self._log
                ) from error
            if message is None:
                raise failure("The keeper of the services has died.", self._log)
            if "progress" in message:
                self._progress(message["progress"])
            if "error" in message:
                raise UnavailableError(message["error"])
            if key in message:
                return message[key]

    @property
    def _log(self) -> Path:
        return self._where.logs / "keeper.log"


@contextmanager
def embedded(
    wanted: Collection[str] = SERVICES,
    *,
    cache: Path | None = None,
    fresh: bool = False,
    progress: Progress = silent,
) -> Iterator[Tenancy]:
    """Hold Postgres, MLflow and an object store for the length of a `with` block.

    Servers that other processes of this user hold, or that `up` keeps warm, are shared; the
    state inside is one's own, except that it is `up`'s when there is one.

    Args:
        wanted: of `postgres`, `mlflow` and `s3`.
        cache: folder to work in, in place of the user's cache.
        fresh: own state even when `up` keeps some.
        progress: is told what is being done.

    Raises:
        UsageError: no such service.
        UnavailableError: a package is missing, or a server does not start.
    """
    require(wanted)
    where = place(cache)
    request = {"op": "lease", "wanted": sorted(wanted), "fresh": fresh}
    with _conversation(where, request, progress) as talk:
        yield Tenancy(talk, talk.until("environment", _START_SECONDS))


def up(
    wanted: Collection[str] = SERVICES, *, cache: Path | None = None, progress: Progress = silent
) -> Environment:
    """Start servers that stay until `down`, and return their environment when they answer.

    Raises:
        UsageError: no such service.
        UnavailableError: a package is missing, or a server does not start.
    """
    require(wanted)
    request = {"op": "up", "wanted": sorted(wanted)}
    with _conversation(place(cache), request, progress) as talk:
        environment: Environment = talk.until("environment", _START_SECONDS)
        talk.until("ready", _FIRST_BUILD_SECONDS)
        return environment


def down(*, cache: Path | None = None) -> bool:
    """Stop what `up` started; return whether there was anything.

    Servers that somebody still uses stay until their last user leaves.
    """
    answer = _ask_if_there(place(cache), "down")
    return bool(answer)


def status(*, cache: Path | None = None) -> Mapping[str, Any] | None:
    """Return the keeper's `pid`, the services `kept` warm and its number of `clients`, or None."""
    answer: Mapping[str, Any] | None = _ask_if_there(place(cache), "status")
    return answer


@contextmanager
def _conversation(where: Place, request: Message, progress: Progress) -> Iterator[_Talk]:
    wire = _connect(where, request)
    talk = _Talk(where, wire, progress)
    try:
        yield talk
    finally:
        _leave(wire)


def _leave(wire: Wire) -> None:
    """Give the lease back, and wait until what it held is gone."""
    wire.send({"op": "bye"})
    deadline = time.monotonic() + _STOP_SECONDS
    try:
        while wire.receive(max(0.001, deadline - time.monotonic())) is not None:
            continue
    except TimeoutError:
        pass
    finally:
        wire.close()


def _ask_if_there(where: Place, operation: str) -> Any:
    wire = _dial(where)
    if wire is None:
        return None
    wire.send({"op": operation})
    try:
        message = wire.receive(_STOP_SECONDS)
    finally:
        _leave(wire)
    return None if message is None else message.get(operation)


def _dial(where: Place) -> Wire | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(where.socket))
    except OSError:
        connection.close()
        return None
    return Wire(connection)


def _connect(where: Place, request: Message) -> Wire:
    """Return a wire on which the keeper has begun to answer a request.

    A keeper that is just leaving hangs up before its first word; then the next one is tried.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        wire = _dial(where) or _start(where)
        wire.send({**request})
        if wire.begins(_START_SECONDS):
            return wire
        wire.close()
    raise failure("No keeper of the services stays alive.", where.logs / "keeper.log")


def _start(where: Place) -> Wire:
    """Start a keeper, unless another client just did, and return a wire to it."""
    with where.start_lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (wire := _dial(where)) is not None:
            return wire
        command = [sys.executable, "-P", "-m", "dagproof.services.keeper"]
        done = subprocess.run(
            [*command, str(where.folder), str(where.socket)],
            cwd=where.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            start_new_session=True,
            check=False,
        )
        wire = _dial(where)
        if wire is None:
            said = (done.stderr.strip().splitlines() or [f"it exits {done.returncode}"])[-1]
            raise UnavailableError(f"The keeper of the services does not start: {said}")
        return wire
