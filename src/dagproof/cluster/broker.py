"""Which broker is between scheduler and workers, and a Redis of our own."""

import contextlib
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import Final

from dagproof.airflow_compat.components import check_installed, installed
from dagproof.cluster.plan import BROKERS
from dagproof.model import Progress, UnavailableError, UsageError
from dagproof.services.places import socket_path
from dagproof.services.privileges import die_with_parent
from dagproof.services.sentences import failure

_START_SECONDS: Final = 10.0
_CONFIG: Final = """\
port 0
unixsocket {socket}
unixsocketperm 700
dir {folder}
save ""
appendonly yes
appendfsync no
daemonize no
"""


def chosen_broker(asked: str, progress: Progress) -> str:
    """Return which broker there will be.

    Args:
        asked: one of `BROKERS`, or empty for Redis where it is installed.
        progress: is told why it is not Redis.

    Raises:
        UsageError: there is no such broker.
        UnavailableError: it is not installed.
    """
    if asked not in ("", *BROKERS):
        known = ", ".join(f"`{name}`" for name in BROKERS)
        raise UsageError(f"There is no broker `{asked}`; there are {known}.")
    check_installed(redis=asked == "redis")
    missing = _missing()
    if asked == "redis" and missing:
        raise UnavailableError(f"{missing}; `--broker postgres` does without.")
    if not asked and missing:
        progress(f"{missing}; Postgres is Celery's broker")
        return "postgres"
    return asked or "redis"


def _missing() -> str:
    if shutil.which("redis-server") is None:
        return "`redis-server` is not on the PATH"
    if not installed("redis"):
        return "Python's `redis` is not installed"
    return ""


class Redis:
    """A Redis of our own, on a socket that nobody else may open; one that ends loses no message.

    Args:
        folder: where its socket is.
        data: an existing folder, where it writes down what it is told.
        log: what it says.
    """

    def __init__(self, folder: Path, data: Path, log: Path) -> None:
        self._folder = folder
        self._data = data
        self.log = log
        self.restarts = -1
        self.socket = socket_path(folder)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """The broker's address, as Celery takes it."""
        return redis_url(self.socket)

    @property
    def pid(self) -> int:
        """Of its process; 0 before it has started."""
        return self._process.pid if self._process else 0

    def ended(self) -> bool:
        """Say whether it had been started, and has ended."""
        return self._process is not None and self._process.poll() is not None

    def start(self) -> None:
        """Start it, for the first time or again; return when it answers.

        Raises:
            UnavailableError: it does not start; carries the end of the log.
        """
        self.socket.unlink(missing_ok=True)
        self.restarts += 1
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                ["redis-server", "-"],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent,  # noqa: PLW1509  it calls the kernel only
            )
        config = _CONFIG.format(socket=self.socket, folder=self._data)
        self._configure(self._process, config)
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise failure("Redis does not start.", self.log)
            time.sleep(0.01)

    @staticmethod
    def _configure(process: "subprocess.Popen[bytes]", config: str) -> None:
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError), process.stdin as pipe:
                pipe.write(config.encode())

    def answers(self) -> bool:
        """Say whether it answers."""
        return redis_answers(self.socket)

    def stop(self) -> None:
        """Kill it."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self._folder:
            self.socket.parent.rmdir()


def redis_answers(path: Path) -> bool:
    """Say whether a Redis at a socket answers."""
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(1)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


def redis_url(path: Path) -> str:
    """Return the address of a Redis at a socket, as Celery takes it."""
    return f"redis+socket://{path}?virtual_host=0"
