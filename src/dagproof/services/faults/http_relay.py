"""Carries HTTP connections message by message, so that a fault can hit any request on them."""

import asyncio
import contextlib
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from dagproof.services.faults import framing
from dagproof.services.faults.answers import answer, writes
from dagproof.services.faults.framing import Body, Head, NoHttpError, Request
from dagproof.services.faults.link import (
    CutError,
    Inlet,
    Link,
    Outlet,
    any_of,
    both,
    pass_on,
    stopped,
)
from dagproof.services.faults.standing import Standing, Standings

_LINGER_SECONDS: Final = 2.0
_FIRST_FINAL: Final = 200
_FIRST_REDIRECT: Final = 300


@dataclass(frozen=True, slots=True)
class HttpRelay:
    """Carries connections to a service that speaks HTTP/1.

    What is no HTTP is passed on as it is.

    Attributes:
        service: its name.
        standings: its faults.
    """

    service: str
    standings: Standings

    async def __call__(self, link: Link) -> None:
        """Carry one connection until it ends.

        Raises:
            OSError: an end is gone.
            CutError: a fault.
        """
        await _Talk(self.service, self.standings, link, *await link.accept()).carry()


@dataclass(frozen=True, slots=True)
class _Asked:
    """A request whose head has been read, and the fault that delays its answer."""

    head: Head
    request: Request
    body: Body
    slow: Standing | None


class _Talk:
    """One connection; its requests are carried out one after the other."""

    def __init__(
        self, service: str, standings: Standings, link: Link, client: Inlet, to_client: Outlet
    ) -> None:
        self._name = service
        self._standings = standings
        self._link = link
        self._client = client
        self._to_client = to_client
        self._upstream: tuple[Inlet, Outlet] | None = None

    async def carry(self) -> None:
        try:
            while await self._begins() and await self._exchange():
                continue
        except NoHttpError:
            service, to_service = await self._service()
            await both(pass_on(self._client, to_service), pass_on(service, self._to_client))

    async def _service(self) -> tuple[Inlet, Outlet]:
        if self._upstream is None:
            self._upstream = await self._link.connect()
        return self._upstream

    async def _begins(self) -> bool:
        """Wait until a request begins; False when either side hangs up instead."""
        self._link.idle = not self._client.buffer
        if not self._client.buffer:
            if self._upstream is None:
                await self._client.fill()
            else:
                service = self._upstream[0]
                if not service.buffer:
                    await any_of(self._client.fill(), service.fill())
                if service.buffer:
                    raise NoHttpError("a service that speaks without being asked")
        self._link.idle = False
        if self._client.buffer and self._standings.hit("reset"):
            raise CutError
        return bool(self._client.buffer)

    async def _exchange(self) -> bool:
        """Carry one request and its answer; return whether another may follow."""
        while (head := framing.head_in(self._client.buffer)) is None:
            if not await self._client.fill():
                raise NoHttpError("half a request")
        request, body = framing.request_of(head), framing.body_of_request(head)
        self._client.take(len(head.raw))
        asked = _Asked(head, request, body, self._standings.hit("slow"))
        if (refusal := self._standings.hit("500")) is not None:
            return await self._refuse(asked, HTTPStatus.INTERNAL_SERVER_ERROR, refusal)
        if (refusal := self._standings.hit("readonly", lambda: self._writes(request))) is not None:
            return await self._refuse(asked, HTTPStatus.SERVICE_UNAVAILABLE, refusal)
        return await self._forward(asked, cut=self._standings.hit("cut") is not None)

    def _writes(self, request: Request) -> bool:
        return writes(self._name, request.method, request.target)

    async def _refuse(self, asked: _Asked, status: HTTPStatus, fault: Standing) -> bool:
        """Answer in the service's place; a client that waits to send its body need not."""
        request, head = asked.request, asked.head
        waits = "100-continue" in head.tokens("expect") and not asked.body.complete
        if not waits and not await _pump(self._client, asked.body, None):
            return False
        if asked.slow is not None:
            await asked.slow.hold_back()
        closes = waits or request.minor == 0 or "close" in head.tokens("connection")
        await self._to_client.send(
            answer(
                self._name,
                status,
                str(fault.fault),
                head_only=request.method == "HEAD",
                closes=closes,
            )
        )
        if closes:
            self._to_client.finish()
            with contextlib.suppress(TimeoutError, OSError):
                await asyncio.wait_for(self._unheard(), _LINGER_SECONDS)
        return not closes

    async def _unheard(self) -> None:
        """Let the client finish: a reset would take the answer from it."""
        while await self._client.fill():
            self._client.take()

    async def _forward(self, asked: _Asked, *, cut: bool) -> bool:
        service, to_service = await self._service()
        await to_service.send(asked.head.raw)
        if asked.body.complete:
            return await self._answer(asked, service, cut=cut)
        sending = asyncio.ensure_future(self._send(asked.body, to_service))
        answering = asyncio.ensure_future(self._answer(asked, service, cut=cut))
        try:
            await asyncio.wait({sending, answering}, return_when=asyncio.FIRST_COMPLETED)
            if sending.done():
                sent = sending.result()
                return await answering and sent
            if not answering.result():
                return False
            # Answered before all was sent: the service may want the rest, or hang up.
            await any_of(asyncio.shield(sending), service.fill())
            return sending.done() and sending.result()
        finally:
            await stopped(sending, answering)

    async def _send(self, body: Body, to_service: Outlet) -> bool:
        """Pass a request's body on; False when it stays incomplete."""
        whole = await _pump(self._client, body, to_service)
        if not whole:
            to_service.finish()
        return whole

    async def _answer(self, asked: _Asked, service: Inlet, *, cut: bool) -> bool:
        """Pass the answer on; return whether another request may follow."""
        outlet = None if cut else self._to_client
        while (told := await self._head(service, asked)) is not None:
            head, body = told
            code = framing.status_of(head)
            final = code >= _FIRST_FINAL or code == HTTPStatus.SWITCHING_PROTOCOLS
            if not final:
                await self._to_client.send(head.raw)
                continue
            if asked.slow is not None:
                await asked.slow.hold_back()
            if outlet is not None:
                await outlet.send(head.raw)
            connected = asked.request.method == "CONNECT" and code < _FIRST_REDIRECT
            if code == HTTPStatus.SWITCHING_PROTOCOLS or connected:
                raise NoHttpError("another protocol from here on")
            whole = await _pump(service, body, outlet)
            if cut:
                raise CutError
            return whole and not body.open_ended
        await self._to_client.take(service)
        return False

    async def _head(self, service: Inlet, asked: _Asked) -> tuple[Head, Body] | None:
        while (head := framing.head_in(service.buffer, of_response=True)) is None:
            if not await service.fill():
                return None
        body = framing.body_of_response(head, asked.request.method)
        service.take(len(head.raw))
        return head, body


async def _pump(inlet: Inlet, body: Body, outlet: Outlet | None) -> bool:
    """Pass a body on, or drop it; return whether it was whole."""
    while not body.complete:
        if not inlet.buffer and not await inlet.fill():
            return False
        data = inlet.take(body.take(inlet.buffer))
        if outlet is not None:
            await outlet.send(data)
    return True
