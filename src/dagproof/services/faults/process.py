"""The proxy in a process of its own, which goes with the one that started it.

Run as `python -m dagproof.services.faults.process FD PARENT PLAN`: FD is a socket to it, PARENT its
process id, PLAN its services and faults as JSON.
"""

import asyncio
import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable
from typing import Any

from dagproof.model import Fault
from dagproof.services.faults.proxy import Proxy
from dagproof.services.privileges import die_with_parent

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""They are meant for the process that runs the DAG, which takes this one with it."""


def main(descriptor: int, parent: int, plan: str) -> None:
    """Serve until the other end hangs up."""
    die_with_parent()
    if os.getppid() != parent:
        return
    for one in _SIGNALS:
        signal.signal(one, signal.SIG_IGN)
    asyncio.run(serve(socket.socket(fileno=descriptor), json.loads(plan)))


async def serve(control: socket.socket, plan: dict[str, Any]) -> None:
    """Open the ports of a plan, say which, and do what is asked until nobody asks any more."""
    upstreams = {name: (host, port) for name, (host, port) in plan["upstreams"].items()}
    proxy = Proxy(upstreams, [Fault.parse(text) for text in plan["faults"]])
    reader, writer = await asyncio.open_unix_connection(sock=control)
    operations: dict[str, Callable[..., Any]] = {
        "begin": proxy.begin,
        "end": proxy.end,
        "report": proxy.report,
    }
    with contextlib.closing(proxy), contextlib.suppress(ConnectionError):  # nobody listens any more
        _say(writer, {"ports": proxy.open()})
        while line := await reader.readline():
            message = json.loads(line)
            operation = message.pop("op")
            _say(writer, {operation: operations[operation](**message)})
    writer.close()


def _say(writer: asyncio.StreamWriter, message: dict[str, object]) -> None:
    writer.write(json.dumps(message).encode() + b"\n")


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3])
