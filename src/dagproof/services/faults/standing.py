"""Faults as the proxy keeps them: whether they hold, since when, and what they have hit."""

import asyncio
import time
from collections.abc import Callable, Iterable

from dagproof.model import Fault

_ROUNDING = 1e-9


class Standing:
    """One fault, that has not begun yet, holds, or is over.

    Attributes:
        fault: what it is.
        began: on the monotonic clock; None before.
        ended: likewise.
        hits: how many requests or connections it has hit.
    """

    def __init__(self, fault: Fault) -> None:
        self.fault = fault
        self.began: float | None = None
        self.ended: float | None = None
        self.hits = 0
        self._over = asyncio.Event()
        self._due = 0.0

    @property
    def holds(self) -> bool:
        """Whether it is going on."""
        return self.began is not None and self.ended is None

    def begin(self) -> bool:
        """Begin; return whether it had not before."""
        fresh = self.began is None
        if fresh:
            self.began = time.monotonic()
        return fresh

    def end(self) -> bool:
        """End; return whether it held until now."""
        held = self.holds
        if held:
            self.ended = time.monotonic()
            self._over.set()
        return held

    def takes(self) -> bool:
        """Say whether the next request is one that it hits, and count that."""
        self._due += self.fault.share
        hit = self._due >= 1 - _ROUNDING
        if hit:
            self._due -= 1
            self.hits += 1
        return hit

    async def hold_back(self) -> None:
        """Wait as long as an answer is late, or until the fault ends."""
        try:
            await asyncio.wait_for(self._over.wait(), self.fault.delay)
        except TimeoutError:
            return


class Standings:
    """The faults of one service."""

    def __init__(self, faults: Iterable[Standing]) -> None:
        self._all = tuple(faults)

    @property
    def closed(self) -> bool:
        """Whether one of them keeps the service from being connected to."""
        return any(one.holds and one.fault.closes for one in self._all)

    def hit(self, kind: str, matters: Callable[[], bool] = lambda: True) -> Standing | None:
        """Return the fault of a kind that takes the next request, if there is one.

        Args:
            kind: of fault.
            matters: says whether the request is of the sort that such a fault hits.
        """
        holding = [one for one in self._all if one.holds and one.fault.kind == kind]
        if not holding or not matters():
            return None
        return next((one for one in holding if one.takes()), None)
