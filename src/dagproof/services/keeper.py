"""Holds the servers for as long as somebody holds a lease or `up` keeps them warm.

A lease is an open connection: the kernel closes it however its client ends.
"""

import contextlib
import itertools
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator

from dagproof.model import DagproofError, Environment
from dagproof.services.parties import Check, House, Tenant
from dagproof.services.places import Place
from dagproof.services.wire import Message, Wire

_FIRST_WORD_SECONDS = 20


class _GoneError(Exception):
    """The client has hung up."""


class Keeper:
    """Attends clients, each in a thread, until the last has left.

    Args:
        place: the keeper's files.
        listener: the socket at `place.socket`.
        house: the services that it keeps.
    """

    def __init__(self, place: Place, listener: socket.socket, house: House) -> None:
        self._place = place
        self._listener = listener
        self._house = house
        self._lock = threading.Lock()
        self._numbers = itertools.count(1)
        self._present = 0
        self._leaving = False
        self._kept: Tenant | None = None
        self._environment: dict[str, str] = {}
        self._last_wire: Wire | None = None

    def run(self) -> None:
        """Attend clients; return when everything is stopped."""
        signal.signal(signal.SIGTERM, lambda *_: self._house.leave())
        threading.Thread(target=self._accept, daemon=True).start()
        threading.Timer(_FIRST_WORD_SECONDS, self._leave_if_empty).start()
        try:
            self._house.run()
        finally:
            self._close_door()
            self._house.close()
            self._place.remove_traces()

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with self._lock:
                self._present += 1
            threading.Thread(target=self._attend, args=(Wire(connection),), daemon=True).start()

    def _attend(self, wire: Wire) -> None:
        try:
            request = wire.receive(_FIRST_WORD_SECONDS)
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
        if self._leave_if_empty():
            self._last_wire = wire  # closed by the kernel, when all has been stopped
        else:
            wire.close()

    def _answer(self, wire: Wire, request: Message) -> None:
        if request["op"] == "lease":
            self._lease(wire, request)
        elif request["op"] == "up":
            self._up(wire, request)
        elif request["op"] == "down":
            wire.send({"down": self._let_go()})
        else:
            wire.send({"status": self._status()})

    def _lease(self, wire: Wire, request: Message) -> None:
        with self._tenant(request) as tenant:
            self._start(tenant, wire, request)
            for later in wire:
                if later["op"] != "reset":
                    break
                tenant.reset(_held(wire), lambda sentence: wire.send({"progress": sentence}))
                wire.send({"reset": True})

    @staticmethod
    def _start(tenant: Tenant, wire: Wire, request: Message) -> Environment:
        check = _held(wire)

        def progress(sentence: str) -> None:
            wire.send({"progress": sentence})

        found = dict(tenant.open(request["wanted"], check, progress))
        wire.send({"environment": found})
        tenant.start(check, progress)
        wire.send({"ready": True})
        return found

    @contextlib.contextmanager
    def _tenant(self, request: Message) -> Iterator[Tenant]:
        with self._lock:
            kept = self._kept
        if kept is not None and not request["fresh"]:
            yield kept
            return
        name = str(next(self._numbers))
        with contextlib.closing(self._house.tenant(name, request["client"])) as tenant:
            yield tenant

    def _up(self, wire: Wire, request: Message) -> None:
        with self._lock:
            fresh = self._kept is None
            if self._kept is None:
                name = f"up{next(self._numbers)}"
                self._kept = self._house.tenant(name, request["client"])
            tenant = self._kept
        try:
            self._environment |= self._start(tenant, wire, request)
            self._house.keep_warm(request["client"], tenant.wanted)
        except BaseException:
            if fresh:
                self._let_go()
            raise

    def _let_go(self) -> bool:
        with self._lock:
            tenant, self._kept = self._kept, None
            self._environment = {}
        if tenant is not None:
            self._house.cool()
            tenant.close()
        return tenant is not None

    def _status(self) -> Message:
        with self._lock:
            kept, clients = self._kept, self._present - 1
        return {
            "pid": os.getpid(),
            "kept": sorted(kept.wanted) if kept else [],
            "environment": self._environment,
            "clients": clients,
        }

    def _leave_if_empty(self) -> bool:
        """End the keeper's life when nobody needs it any more; say whether that was just now."""
        with self._lock:
            if self._present or self._kept is not None or self._leaving:
                return False
            self._close_door()
        self._house.leave()
        return True

    def _close_door(self) -> None:
        """From here on a client finds nobody, and starts the next keeper."""
        self._leaving = True
        self._place.socket.unlink(missing_ok=True)
        self._listener.close()


def _held(wire: Wire) -> Check:
    def check() -> None:
        if wire.peer_has_gone():
            raise _GoneError

    return check
