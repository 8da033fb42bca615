"""One JSON object a line over a Unix socket: what keeper, client and zygote say to each other."""

import json
import select
import socket
import threading
import time
from collections.abc import Iterator, Mapping
from typing import Any

Message = dict[str, Any]
"""One line; a reply repeats the key that its request asks for."""


class Wire:
    """A socket that speaks lines.

    Args:
        connection: a connected stream socket, which the wire owns from now on.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._rest = b""
        self._reading = threading.Lock()  # one may listen while another takes leave

    def send(self, message: Mapping[str, object]) -> None:
        """Send one message; a peer that has gone is no error, the next receive says so."""
        try:
            self._connection.sendall(json.dumps(message).encode() + b"\n")
        except OSError:
            return

    def receive(self, timeout: float | None = None) -> Message | None:
        """Return the next message, or None when the peer has gone.

        Raises:
            TimeoutError: nothing came within `timeout` seconds.
        """
        deadline = None if timeout is None else time.monotonic() + timeout
        if not self._reading.acquire(timeout=-1 if timeout is None else timeout):
            raise TimeoutError
        try:
            return self._next(deadline)
        finally:
            self._reading.release()

    def _next(self, deadline: float | None) -> Message | None:
        while b"\n" not in self._rest:
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError
            self._connection.settimeout(
                None if deadline is None else max(0.001, deadline - time.monotonic())
            )
            try:
                chunk = self._connection.recv(65536)
            except TimeoutError:
                raise
            except OSError:
                chunk = b""
            if not chunk:
                return None
            self._rest += chunk
        line, _, self._rest = self._rest.partition(b"\n")
        message: Message = json.loads(line)
        return message

    def begins(self, timeout: float) -> bool:
        """Wait for the other end to say something; False when it hangs up instead."""
        self._connection.settimeout(timeout)
        try:
            return self._connection.recv(1, socket.MSG_PEEK) != b""
        except OSError:
            return False

    def peer_has_gone(self) -> bool:
        """Say whether the other end is closed, without taking anything from the wire."""
        try:
            readable = select.select([self._connection], [], [], 0)[0]
            return bool(readable) and self._connection.recv(1, socket.MSG_PEEK) == b""
        except (OSError, ValueError):
            return True

    def close(self) -> None:
        """Hang up."""
        self._connection.close()

    def __iter__(self) -> Iterator[Message]:
        """Yield messages until the peer goes."""
        while (message := self.receive()) is not None:
            yield message
