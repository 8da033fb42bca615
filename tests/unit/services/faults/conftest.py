"""A proxy in this process before an origin that follows a script."""

import asyncio
import contextlib
from types import SimpleNamespace

import pytest

from dagproof.model import Fault
from dagproof.services.faults.proxy import Proxy

PATIENCE = 20


@contextlib.asynccontextmanager
async def world(serve, *faults, service="mlflow"):
    """Yield a proxy before an origin that treats each connection by `serve(reader, writer)`.

    What the origin raises is raised here, unless its connection was cut.
    """
    failures, connections = [], []

    async def carry(reader, writer):
        connections.append(writer)
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        except Exception as failure:  # noqa: BLE001 - it is raised below
            failures.append(failure)
        finally:
            writer.close()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    address = server.sockets[0].getsockname()
    made = [Fault.parse(text) for text in faults]
    proxy = Proxy({service: address[:2]}, made)
    port = proxy.open()[service]
    clients = []

    async def connect():
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        clients.append(writer)
        return reader, writer

    try:
        yield SimpleNamespace(
            proxy=proxy,
            port=port,
            server=server,
            connect=connect,
            connections=connections,
            hits=lambda: [hits for _, _, hits in proxy.report()],
        )
    finally:
        for writer in (*clients, *connections):
            writer.close()
        proxy.close()
        server.close()
        await asyncio.sleep(0.01)
    if failures:
        raise failures[0]


@pytest.fixture
def among():
    """Run `scene(world)` with a proxy before `serve`, and return what it returns."""

    def among(scene, serve, *faults, service="mlflow"):
        async def play():
            async with world(serve, *faults, service=service) as made:
                return await asyncio.wait_for(scene(made), PATIENCE)

        return asyncio.run(play())

    return among


async def http(reader, writer):
    """Serve requests with bodies of known length; the answer repeats method, target and length."""
    while (head := await reader.readuntil(b"\r\n\r\n")) is not None:
        first, *lines = head.decode().split("\r\n")
        fields = dict(line.lower().split(": ", 1) for line in lines if line)
        if fields.get("expect") == "100-continue":
            writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        body = await reader.readexactly(int(fields.get("content-length", "0")))
        method, target, _ = first.split(" ")
        text = f"{method} {target} {len(body)}".encode()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(text))
        writer.write(b"" if method == "HEAD" else text)
        await writer.drain()


async def exchange(client, method="GET", target="/", body=None, fields=""):
    """Send one request and return status and body of the answer."""
    reader, writer = client
    length = "" if body is None else f"Content-Length: {len(body)}\r\n"
    writer.write(f"{method} {target} HTTP/1.1\r\nHost: x\r\n{length}{fields}\r\n".encode())
    writer.write(body or b"")
    await writer.drain()
    return await answer(reader, method)


async def answer(reader, method="GET"):
    """Read one answer with a known length; return its status and body."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode()
    status = int(head.split(" ")[1])
    length = int(head.lower().partition("content-length: ")[2].partition("\r\n")[0] or "0")
    return status, await reader.readexactly(0 if method == "HEAD" else length)
