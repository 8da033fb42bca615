"""A forked server on a socket that was listening before: ask it, stop it."""

import select
import socket
from collections.abc import Mapping
from http import HTTPStatus
from pathlib import Path

from dagproof.services.embedded.nursery import Zygote
from dagproof.services.parties import Check
from dagproof.services.sentences import failure

_SLICE_SECONDS = 0.05


class Server:
    """A server, forked from its zygote.

    Args:
        zygote: has the server's code loaded, or soon will.
        listener: stays open in the keeper, so that a successor can serve the same address.
        settings: the server's own environment variables.
        log: where it writes.
        check: called often until the zygote has loaded.
    """

    def __init__(
        self,
        zygote: Zygote,
        listener: socket.socket,
        settings: Mapping[str, str],
        log: Path,
        check: Check,
    ) -> None:
        zygote.wait_loaded(check)
        self._zygote = zygote
        self._port: int = listener.getsockname()[1]
        self._log = log
        self._pid = zygote.fork(listener, settings, log)

    def ask(self, request: str, check: Check) -> None:
        """Send a request, which waits in the kernel until the server takes it.

        Args:
            request: method and path.
            check: called often; what it raises ends the wait.

        Raises:
            UnavailableError: the server has ended, or answers anything but 200.
        """
        name = self._zygote.name
        with socket.create_connection(("127.0.0.1", self._port), timeout=30) as connection:
            head = f"{request} HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n"
            connection.sendall(f"{head}Content-Length: 0\r\nConnection: close\r\n\r\n".encode())
            while not select.select([connection], [], [], _SLICE_SECONDS)[0]:
                check()
                if not self._zygote.alive(self._pid):
                    raise failure(f"The {name} server has ended.", self._log)
            try:
                words = connection.recv(64).split()
            except ConnectionError:
                words = []
        status = words[1].decode() if len(words) > 1 else "nothing"
        if status != str(HTTPStatus.OK.value):
            raise failure(f"The {name} server answers {status} to `{request}`.", self._log)

    def stop(self) -> None:
        """Kill it; it keeps nothing that outlives it."""
        self._zygote.stop(self._pid)
