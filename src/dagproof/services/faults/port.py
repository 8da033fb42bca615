"""The port of a faulted service: opens and closes it, and holds the connections through it."""

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from dagproof.services.faults.link import CutError, Link

_HOST: Final = "127.0.0.1"
_BACKLOG: Final = 1024

Relay = Callable[[Link], Awaitable[None]]
"""Carries one connection of a client until it ends."""


class Port:
    """A port of this machine in front of a service.

    Args:
        upstream: host and port of the service.
        relay: carries a connection.
    """

    def __init__(self, upstream: tuple[str, int], relay: Relay) -> None:
        self._upstream = upstream
        self._relay = relay
        self._listener: socket.socket | None = None
        self._links: dict[asyncio.Task[None], Link] = {}
        # Holds the number while nobody listens there; bound, it refuses connections.
        self._guard = _bound(0)
        self.number: int = self._guard.getsockname()[1]

    def open(self) -> None:
        """Take connections; an open port stays as it is."""
        if self._listener is None:
            self._listener = _bound(self.number)
            self._listener.listen(_BACKLOG)
            asyncio.get_running_loop().add_reader(self._listener, self._accept)

    def shut(self) -> int:
        """Refuse connections and reset open ones; return how many of these were in use."""
        if self._listener is not None:
            self._accept()  # who is connected already is reset, too
            asyncio.get_running_loop().remove_reader(self._listener)
            self._listener.close()
            self._listener = None
        cut = sum(not link.idle for link in self._links.values())
        for task, link in self._links.items():
            link.reset()
            task.cancel()
        self._links.clear()
        return cut

    def close(self) -> None:
        """Give the port back."""
        self.shut()
        self._guard.close()

    def _accept(self) -> None:
        while self._listener is not None:
            try:
                connection, _ = self._listener.accept()
            except (BlockingIOError, InterruptedError):
                return
            except OSError:  # no descriptors are left, or the client has gone again
                return
            connection.setblocking(False)  # noqa: FBT003 - the only way to call it
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            link = Link(connection, self._upstream)
            task = asyncio.get_running_loop().create_task(self._carry(link))
            self._links[task] = link
            task.add_done_callback(self._forget)

    def _forget(self, task: "asyncio.Task[None]") -> None:
        self._links.pop(task, None)

    async def _carry(self, link: Link) -> None:
        try:
            await self._relay(link)
        except (OSError, CutError):
            link.reset()
        else:
            link.close()


def _bound(number: int) -> socket.socket:
    bound = socket.socket()
    bound.setblocking(False)  # noqa: FBT003 - the only way to call it
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    bound.bind((_HOST, number))
    return bound
