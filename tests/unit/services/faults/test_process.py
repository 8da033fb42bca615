"""The proxy's process does as it is told over its socket, and ends with it."""

import asyncio
import json
import os
import signal
import socket

import pytest

from dagproof.services.faults import process

from .conftest import http


def play(scene, **plan):
    """Serve a plan beside a scene that holds the other end of the socket."""

    async def both():
        ours, theirs = socket.socketpair()
        reader, writer = await asyncio.open_unix_connection(sock=ours)
        origin = await asyncio.start_server(http, "127.0.0.1", 0)
        upstreams = {"mlflow": origin.sockets[0].getsockname()}
        serving = asyncio.ensure_future(process.serve(theirs, {"upstreams": upstreams, **plan}))

        async def ask(**message):
            if message:
                writer.write(json.dumps(message).encode() + b"\n")
            return json.loads(await reader.readline())

        result = await scene(ask)
        writer.close()
        await asyncio.wait_for(serving, 10)
        origin.close()
        return result

    return asyncio.run(both())


def test_ports_are_told_first_and_each_order_is_acknowledged():
    async def scene(ask):
        ports = (await ask())["ports"]
        told = [
            await ask(op="begin", index=1),
            await ask(op="end", index=1),
            await ask(op="report"),
        ]
        return ports, told

    ports, [begun, ended, reported] = play(scene, faults=["mlflow:down@x", "mlflow:500"])
    assert ports.keys() == {"mlflow"}
    assert begun == {"begin": None}
    assert ended == {"end": None}
    never, [began, over, hits] = reported["report"]
    assert never == [None, None, 0]
    assert began <= over
    assert hits == 0


def test_ports_are_closed_when_nobody_asks_any_more():
    async def scene(ask):
        return (await ask())["ports"]["mlflow"]

    port = play(scene, faults=["mlflow:500"])
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port))


def test_process_whose_parent_is_gone_serves_nobody(monkeypatch):
    monkeypatch.setattr(process, "die_with_parent", lambda: None)
    monkeypatch.setattr(process, "serve", None)
    assert process.main(-1, -1, "{}") is None


def test_signals_for_the_run_do_not_end_the_proxy(monkeypatch):
    ignored = {}
    monkeypatch.setattr(process, "die_with_parent", lambda: None)
    monkeypatch.setattr(signal, "signal", ignored.__setitem__)
    ours, theirs = socket.socketpair()
    ours.close()
    process.main(theirs.detach(), os.getppid(), '{"upstreams": {}, "faults": []}')
    # The event loop sets SIGINT for itself, and so does its end.
    assert ignored[signal.SIGTERM] == ignored[signal.SIGHUP] == signal.SIG_IGN
    assert signal.SIGINT in ignored
