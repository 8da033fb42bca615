"""A StatsD server: takes metrics with labels as Influx writes them, and keeps them."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


@dataclass
class Server:
    """Metrics as they came.

    Attributes:
        port: where to send them.
        metrics: kind (`c`, `g`, `ms`), labels and value of each, by the metric's name.
    """

    port: int
    metrics: dict[str, list[tuple[str, dict[str, str], float]]] = field(default_factory=dict)

    def take(self, line: str) -> None:
        """Keep one line: `name,label=value,...:1|c`."""
        named, _, told = line.partition(":")
        name, *labels = named.split(",")
        value, kind = told.split("|")[:2]
        point = (kind, dict(label.split("=", 1) for label in labels), float(value))
        self.metrics.setdefault(name, []).append(point)


@contextmanager
def listening() -> Iterator[Server]:
    """Yield a server that listens on the loopback."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
        listener.bind(("127.0.0.1", 0))
        server = Server(listener.getsockname()[1])

        def take() -> None:
            while packet := listener.recv(65536):
                for line in packet.decode().splitlines():
                    server.take(line)

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        yield server
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as last:
            last.sendto(b"", ("127.0.0.1", server.port))
        thread.join()
