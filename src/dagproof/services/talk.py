"""The client's conversation with the keeper: find it or start it, ask, listen, take leave."""

import fcntl
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagproof.model import Progress, UnavailableError
from dagproof.services.places import Place
from dagproof.services.sentences import failure
from dagproof.services.wire import Message, Wire

_START_SECONDS = 60
_STOP_SECONDS = 15


class Talk:
    """A conversation that passes progress on.

    Args:
        where: the keeper's files.
        wire: connected to the keeper.
        progress: is told each sentence of progress.
    """

    def __init__(self, where: Place, wire: Wire, progress: Progress) -> None:
        self._where = where
        self._wire = wire
        self._progress = progress

    def send(self, **message: object) -> None:
        """Say something."""
        self._wire.send(message)

    def until(self, key: str, timeout: float) -> Any:
        """Listen until the keeper says something under a key, and return that.

        Raises:
            UnavailableError: it says that something went wrong, or nothing at all.
        """
        log = self._where.logs / "keeper.log"
        deadline = time.monotonic() + timeout
        while True:
            try:
                message = self._wire.receive(max(0.001, deadline - time.monotonic()))
            except TimeoutError as error:
                raise failure(f"The services did not answer in {timeout:.0f} s.", log) from error
            if message is None:
                raise failure("The keeper of the services has died.", log)
            if "progress" in message:
                self._progress(message["progress"])
            if "error" in message:
                raise UnavailableError(message["error"])
            if key in message:
                return message[key]


@dataclass(frozen=True, slots=True)
class Kind:
    """Which keeper is meant.

    Attributes:
        place: its files.
        name: `embedded` or `containers`.
        plan: how it starts its services, as JSON.
    """

    place: Place
    name: str = "embedded"
    plan: str = "{}"


@contextmanager
def conversation(kind: Kind, request: Message, progress: Progress) -> Iterator[Talk]:
    """Ask the keeper for something, started if need be; the lease ends with the block."""
    wire = _connect(kind, request)
    try:
        yield Talk(kind.place, wire, progress)
    finally:
        _leave(wire)


def ask_if_there(where: Place, operation: str) -> Any:
    """Ask a keeper that runs, and return its answer; None when none runs."""
    wire = _dial(where)
    if wire is None:
        return None
    try:
        wire.send({"op": operation})
        message = wire.receive(_STOP_SECONDS)
    finally:
        _leave(wire)
    return None if message is None else message.get(operation)


def _leave(wire: Wire) -> None:
    """Give the lease back, and wait until what it held is gone: then the keeper hangs up."""
    wire.send({"op": "bye"})
    deadline = time.monotonic() + _STOP_SECONDS
    try:
        while wire.receive(max(0.001, deadline - time.monotonic())) is not None:
            continue
    except TimeoutError:
        pass
    finally:
        wire.close()


def _dial(where: Place) -> Wire | None:
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.connect(str(where.socket))
    except OSError:
        connection.close()
        return None
    return Wire(connection)


def _connect(kind: Kind, request: Message) -> Wire:
    """Return a wire on which the keeper has begun to answer a request.

    A keeper that is just leaving hangs up before its first word; then the next one is tried.
    """
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline:
        wire = _dial(kind.place) or _start(kind)
        wire.send(request)
        if wire.begins(_START_SECONDS):
            return wire
        wire.close()
    raise failure("No keeper of the services stays alive.", _log(kind.place))


def _start(kind: Kind) -> Wire:
    """Start a keeper, unless another client just did, and return a wire to it."""
    import subprocess

    where = kind.place
    command = [sys.executable, "-P", "-m", "dagproof.services.daemon"]
    with where.start_lock.open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if (wire := _dial(where)) is not None:
            return wire
        done = subprocess.run(
            [*command, where.folder, where.socket, kind.name, kind.plan],
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
        raise failure(f"The keeper of the services does not start: {said}", _log(where))
    return wire


def _log(where: Place) -> Path:
    return where.logs / "keeper.log"
