"""One connection through the proxy: a client's end, and a service's once it is needed."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import Awaitable, Coroutine
from typing import Any, Final

CHUNK: Final = 1 << 18
_RESET: Final = struct.pack("ii", 1, 0)


class CutError(Exception):
    """The connection ends here by a fault: both ends are reset."""


class Inlet:
    """Bytes that come in, as far as they have been read and not been passed on.

    Attributes:
        buffer: what was read.
    """

    def __init__(self, reader: asyncio.StreamReader) -> None:
        self.buffer = b""
        self._reader = reader

    async def fill(self) -> bool:
        """Read more; return False at the end. May be cancelled without loss."""
        chunk = await self._reader.read(CHUNK)
        self.buffer = self.buffer + chunk if self.buffer else chunk
        return bool(chunk)

    def take(self, size: int | None = None) -> bytes:
        """Return the first bytes that were read, or all of them, and forget them."""
        taken = self.buffer if size is None else self.buffer[:size]
        self.buffer = self.buffer[len(taken) :]
        return taken


class Outlet:
    """Where bytes go."""

    def __init__(self, writer: asyncio.StreamWriter) -> None:
        self._writer = writer

    async def send(self, data: bytes) -> None:
        """Pass bytes on; return when the other end keeps up."""
        self._writer.write(data)
        await self._writer.drain()

    async def take(self, inlet: Inlet) -> None:
        """Pass on all that an inlet holds."""
        if inlet.buffer:
            await self.send(inlet.take())

    def finish(self) -> None:
        """Say that nothing more follows."""
        with contextlib.suppress(OSError):
            self._writer.write_eof()

    def close(self) -> None:
        """Hang up when all is sent."""
        self._writer.close()

    def reset(self) -> None:
        """Hang up at once, so that the other end sees a reset."""
        _reset_on_close(self._writer.get_extra_info("socket"))
        self._writer.transport.abort()


class Link:
    """A client's connection and the one to the service.

    Args:
        connection: the client's; the link owns it from now on.
        address: host and port of the service.

    Attributes:
        idle: whether nobody would miss the connection.
    """

    def __init__(self, connection: socket.socket, address: tuple[str, int]) -> None:
        self.idle = False
        self._connection = connection
        self._address = address
        self._ends: list[Outlet] = []

    async def accept(self) -> tuple[Inlet, Outlet]:
        """Return the two directions of the client's end."""
        return self._keep(*await asyncio.open_connection(sock=self._connection, limit=CHUNK))

    async def connect(self) -> tuple[Inlet, Outlet]:
        """Connect to the service and return the two directions."""
        return self._keep(*await asyncio.open_connection(*self._address, limit=CHUNK))

    def _keep(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> tuple[Inlet, Outlet]:
        outlet = Outlet(writer)
        self._ends.append(outlet)
        return Inlet(reader), outlet

    def close(self) -> None:
        """Hang up on both sides when all is sent."""
        for end in self._ends:
            end.close()

    def reset(self) -> None:
        """Hang up on both sides at once."""
        _reset_on_close(self._connection)
        if not self._ends:
            self._connection.close()
        for end in self._ends:
            end.reset()


def _reset_on_close(end: socket.socket) -> None:
    with contextlib.suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


async def pass_on(inlet: Inlet, outlet: Outlet) -> None:
    """Pass on all that comes until it ends, and then that it has ended."""
    await outlet.take(inlet)
    while await inlet.fill():
        await outlet.take(inlet)
    outlet.finish()


async def both(*ways: Coroutine[None, None, None]) -> None:
    """Go both ways; the first that fails ends the other.

    Raises:
        OSError: an end is gone.
        CutError: a fault.
    """
    tasks = [asyncio.ensure_future(way) for way in ways]
    try:
        await asyncio.gather(*tasks)
    finally:
        await stopped(*tasks)


async def stopped(*tasks: "asyncio.Future[Any]") -> None:
    """Cancel tasks that are not done, and return when none runs any more."""
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def any_of(*works: Awaitable[Any]) -> None:
    """Return when one of several is done; the others are cancelled.

    Raises:
        Exception: what one that is done has raised.
    """
    tasks = [asyncio.ensure_future(work) for work in works]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        await stopped(*tasks)
