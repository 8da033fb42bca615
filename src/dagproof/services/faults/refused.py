"""Counts the connections of this process to ports that refuse them, which no port can see."""

import contextlib
import sys
import time
from collections.abc import Iterator
from importlib.util import find_spec
from typing import Any

_tries: dict[int, list[float]] = {}
"""When this process tried to connect to each port that somebody wants to know of."""
_hooked = False


@contextlib.contextmanager
def tries_counted(ports: dict[str, int]) -> Iterator[dict[str, list[float]]]:
    """Yield when connections to each port were tried, on the monotonic clock, by service.

    Python's sockets tell by an audit hook, which stays but does nothing outside of such a block.
    libpq, which Postgres is reached by, has sockets of its own: there psycopg2 tells.
    """
    global _hooked  # noqa: PLW0603 - an audit hook cannot be taken back
    if ports and not _hooked:
        _hooked = True
        sys.addaudithook(_on_event)
    _tries.update({port: [] for port in ports.values()})
    with contextlib.ExitStack() as stack:
        if "postgres" in ports and find_spec("psycopg2") is not None:
            stack.enter_context(_psycopg2_watched())
        stack.callback(lambda: [_tries.pop(port, None) for port in ports.values()])
        yield {service: _tries[port] for service, port in ports.items()}


def _on_event(event: str, arguments: tuple[Any, ...]) -> None:
    if event == "socket.connect" and _tries:
        address = arguments[1]
        if isinstance(address, tuple) and len(address) > 1:
            _note(address[1])


def _note(port: object) -> None:
    if isinstance(port, int) and port in _tries:
        _tries[port].append(time.monotonic())


@contextlib.contextmanager
def _psycopg2_watched() -> Iterator[None]:
    from unittest import mock

    import psycopg2

    connect = psycopg2.connect

    def watched(*arguments: Any, **options: Any) -> Any:
        port = str(options.get("port", ""))
        _note(int(port) if port.isdigit() else None)
        return connect(*arguments, **options)

    with mock.patch.object(psycopg2, "connect", watched):
        yield
