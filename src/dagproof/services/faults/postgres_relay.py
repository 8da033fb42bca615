"""Carries connections to Postgres, which it knows just enough of to tell a login from a query."""

from typing import Final

from dagproof.services.faults.link import CutError, Inlet, Link, Outlet, both
from dagproof.services.faults.standing import Standing, Standings

_ENCRYPTION: Final = (b"\0\0\0\x08\x04\xd2\x16\x2f", b"\0\0\0\x08\x04\xd2\x16\x30")
"""What asks for TLS and for GSS; the answer is one byte."""
_REFUSED: Final = b"N"
_READY: Final = ord("Z")
_TERMINATE: Final = b"X\0\0\0\x04"
_HEAD: Final = 5
"""Bytes before a message: a letter, and a length that counts itself but not the letter."""


class Login:
    """Follows a connection until Postgres is ready for queries.

    Attributes:
        begun: whether the client has said anything.
        over: whether the next thing it says is a query, as far as we can tell.
    """

    def __init__(self) -> None:
        self.begun = False
        self.over = False
        self._asked = False
        self._pending = bytearray()

    def said(self, data: bytes) -> None:
        """Take what the client said."""
        self.begun = True
        self._asked = self._asked or data[:8] in _ENCRYPTION

    def answered(self, data: bytes) -> None:
        """Take what Postgres said."""
        self._pending += data
        if self._asked and self._pending:
            self._asked = False
            self.over = bytes(self._pending[:1]) != _REFUSED  # encrypted: the rest is dark
            del self._pending[:1]
        while len(self._pending) >= _HEAD and not self.over:
            length = int.from_bytes(self._pending[1:_HEAD], "big")
            if len(self._pending) <= length:
                return
            self.over = self._pending[0] == _READY
            del self._pending[: length + 1]


class PostgresRelay:
    """Carries connections; a login is one request, and so is all that is said before an answer.

    Args:
        standings: the faults of the service.
    """

    def __init__(self, standings: Standings) -> None:
        self._standings = standings

    async def __call__(self, link: Link) -> None:
        """Carry one connection until it ends.

        Raises:
            OSError: an end is gone.
            CutError: a fault.
        """
        from_client, to_client = await link.accept()
        if await from_client.fill():
            talk = _Talk(self._standings)
            talk.ask(from_client.buffer)
            from_service, to_service = await link.connect()
            await both(
                talk.upwards(from_client, to_service), talk.downwards(from_service, to_client)
            )


class _Talk:
    def __init__(self, standings: Standings) -> None:
        self._standings = standings
        self._login = Login()
        self._asked = False
        self._cut: Standing | None = None
        self._slow: Standing | None = None

    def ask(self, data: bytes) -> None:
        """Take what a client says, and decide what becomes of it if that is a request."""
        logging_in = self._login.begun and not self._login.over
        if not self._login.over:
            self._login.said(data)
        if self._asked or data == _TERMINATE:
            return
        self._asked = True
        if logging_in:
            return
        if self._standings.hit("reset"):
            raise CutError
        self._cut = self._standings.hit("cut", lambda: self._login.over)
        self._slow = self._standings.hit("slow")

    async def upwards(self, client: Inlet, service: Outlet) -> None:
        await service.take(client)
        while await client.fill():
            self.ask(client.buffer)
            await service.take(client)
        service.finish()

    async def downwards(self, service: Inlet, client: Outlet) -> None:
        while await service.fill():
            if self._asked:
                cut, slow = self._cut, self._slow
                self._asked, self._cut, self._slow = False, None, None
                if cut is not None:
                    raise CutError
                if slow is not None:
                    await slow.hold_back()
            if not self._login.over:
                self._login.answered(service.buffer)
            await client.take(service)
        client.finish()
