"""Stands between clients and services: a port for each faulted service, and what its faults do."""

import asyncio
from collections.abc import Mapping, Sequence

from dagproof.model import Fault
from dagproof.services.faults.http_relay import HttpRelay
from dagproof.services.faults.port import Port, Relay
from dagproof.services.faults.postgres_relay import PostgresRelay
from dagproof.services.faults.standing import Standing, Standings

Told = tuple[float | None, float | None, int]
"""When a fault began and ended on the monotonic clock, and how much it has hit."""


class Proxy:
    """Ports in front of services; make and use it where an event loop runs.

    Args:
        upstreams: host and port by service.
        faults: of these services.
    """

    def __init__(self, upstreams: Mapping[str, tuple[str, int]], faults: Sequence[Fault]) -> None:
        self._all = [Standing(fault) for fault in faults]
        self._of = {
            service: Standings(one for one in self._all if one.fault.service == service)
            for service in upstreams
        }
        self._ports = {
            service: Port(address, _relay(service, self._of[service]))
            for service, address in upstreams.items()
        }

    def open(self) -> dict[str, int]:
        """Take connections, and return the port of each service."""
        for port in self._ports.values():
            port.open()
        return {service: port.number for service, port in self._ports.items()}

    def begin(self, index: int) -> None:
        """Begin a fault, once."""
        one = self._all[index]
        if not one.begin():
            return
        if one.fault.closes:
            one.hits += self._ports[one.fault.service].shut()
        if one.fault.length is not None:
            asyncio.get_running_loop().call_later(one.fault.length, self.end, index)

    def end(self, index: int) -> None:
        """End a fault that holds."""
        one = self._all[index]
        service = one.fault.service
        if one.end() and one.fault.closes and not self._of[service].closed:
            self._ports[service].open()

    def report(self) -> list[Told]:
        """Return what became of each fault."""
        return [(one.began, one.ended, one.hits) for one in self._all]

    def close(self) -> None:
        """Close every port and connection."""
        for port in self._ports.values():
            port.close()


def _relay(service: str, standings: Standings) -> Relay:
    return PostgresRelay(standings) if service == "postgres" else HttpRelay(service, standings)
