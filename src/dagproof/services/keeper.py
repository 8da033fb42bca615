"""The process that holds the servers for as long as somebody holds a lease.

Run as `python -m dagproof.services.keeper FOLDER SOCKET`. The first process returns as soon as
its child listens; what went wrong before that stands on its standard error. A lease is an open
connection: the kernel closes it however its client ends.
"""

import contextlib
import fcntl
import itertools
import os
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from dagproof.model import DagproofError
from dagproof.services.house import House
from dagproof.services.places import Place
from dagproof.services.tenant import Tenant
from dagproof.services.wire import Message, Wire

_PREDECESSOR_SECONDS = 30
_FIRST_CLIENT_SECONDS = 20


class _GoneError(Exception):
    """The client has hung up."""


class Keeper:
    """Attends clients until the last has left and nothing is to be kept warm.

    Args:
        place: the keeper's files.
        listener: the socket at `place.socket`.
    """

    def __init__(self, place: Place, listener: socket.socket) -> None:
        self._place = place
        self._listener = listener
        self._house = House(place)
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._present = 0
        self._leaving = False
        self._kept: Tenant | None = None
        self._last_words: list[Wire] = []

    def run(self) -> None:
        """Attend clients; return when everything is stopped."""
        signal.signal(signal.SIGTERM, lambda *_: self._house.leave())
        threading.Thread(target=self._accept, daemon=True).start()
        threading.Timer(_FIRST_CLIENT_SECONDS, self._leave_if_empty).start()
        try:
            self._house.run()
        finally:
            self._hang_up()
            self._house.close()
            shutil.rmtree(self._place.scratch, ignore_errors=True)

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                if self._leaving:
                    connection.close()
                    return
                self._present += 1
            threading.Thread(target=self._attend, args=(Wire(connection),), daemon=True).start()

    def _attend(self, wire: Wire) -> None:
        try:
            request = wire.receive(_FIRST_CLIENT_SECONDS)
            if request is not None:
                self._answer(wire, request)
        except (_GoneError, TimeoutError):
            pass
        except DagproofError as error:
            wire.send({"error": str(error)})
        except Exception as error:  # noqa: BLE001  whatever it is, the client must hear of it
            sys.excepthook(type(error), error, error.__traceback__)
            log = self._place.logs / "keeper.log"
            wire.send({"error": f"The keeper of the services failed: {error!r}. See `{log}`."})
        with self._lock:
            self._present -= 1
            last = self._present == 0 and self._kept is None
        if last:
            self._last_words.append(wire)  # closed by the kernel when all has been stopped
        else:
            wire.close()
        self._leave_if_empty()

    def _answer(self, wire: Wire, request: Message) -> None:
        if request["op"] == "lease":
            self._lease(wire, request)
        elif request["op"] == "up":
            self._up(wire, request)
        elif request["op"] == "down":
            self._down(wire)
        else:
            self._status(wire)

    def _lease(self, wire: Wire, request: Message) -> None:
        with self._tenant(fresh=bool(request["fresh"])) as tenant:
            self._start(tenant, wire, request)
            for later in wire:
                if later["op"] != "reset":
                    break
                tenant.reset(_held(wire), lambda sentence: wire.send({"progress": sentence}))
                wire.send({"reset": True})

    def _start(self, tenant: Tenant, wire: Wire, request: Message) -> None:
        wire.send({"environment": dict(tenant.environment(request["wanted"]))})
        tenant.start(_held(wire), lambda sentence: wire.send({"progress": sentence}))
        wire.send({"ready": True})

    @contextlib.contextmanager
    def _tenant(self, *, fresh: bool) -> Iterator[Tenant]:
        with self._lock:
            kept = self._kept
        if kept is not None and not fresh:
            yield kept
            return
        tenant = Tenant(self._house, str(next(self._numbers)))
        try:
            yield tenant
        finally:
            tenant.close()

    def _up(self, wire: Wire, request: Message) -> None:
        with self._lock:
            tenant = self._kept = self._kept or Tenant(self._house, "kept")
        try:
            self._start(tenant, wire, request)
        except BaseException:
            self._let_go()
            raise

    def _down(self, wire: Wire) -> None:
        wire.send({"down": self._let_go()})

    def _let_go(self) -> bool:
        with self._lock:
            tenant, self._kept = self._kept, None
        if tenant is not None:
            tenant.close()
        return tenant is not None

    def _status(self, wire: Wire) -> None:
        with self._lock:
            kept = sorted(self._kept.wanted) if self._kept is not None else []
            wire.send({"status": {"pid": os.getpid(), "kept": kept, "clients": self._present - 1}})

    def _leave_if_empty(self) -> None:
        with self._lock:
            if self._present or self._kept is not None or self._leaving:
                return
            self._hang_up()
        self._house.leave()

    def _hang_up(self) -> None:
        """From here on a client finds nobody, and starts the next keeper."""
        self._leaving = True
        self._place.socket.unlink(missing_ok=True)
        self._listener.close()


def _held(wire: Wire):  # noqa: ANN202
    def check() -> None:
        if wire.peer_has_gone():
            raise _GoneError

    return check


def _take(lock: Path) -> IO[str]:
    """Wait for the previous keeper to end, and hold the lock for all our life."""
    held = lock.open("a")
    deadline = time.monotonic() + _PREDECESSOR_SECONDS
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                sys.exit("The previous keeper of the services does not end.")
            time.sleep(0.02)
        else:
            return held


def main(folder: str, socket_path: str) -> None:
    """Become the keeper of a folder."""
    place = Place(Path(folder), Path(socket_path))
    lock = _take(place.keeper_lock)
    place.socket.unlink(missing_ok=True)
    shutil.rmtree(place.scratch, ignore_errors=True)
    place.scratch.mkdir(mode=0o700)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(place.socket))
    listener.listen(128)
    if os.fork():
        os._exit(0)
    log = os.open(place.logs / "keeper.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for standard in (1, 2):
        os.dup2(log, standard)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        Keeper(place, listener).run()
    finally:
        lock.close()
        os._exit(0)


if __name__ == "__main__":
    main(*sys.argv[1:])
