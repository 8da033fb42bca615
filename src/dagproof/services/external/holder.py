"""Who uses a service: written down where it has no lock that ends with its holder."""

import json
import os
import secrets
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from dagproof.model import UnavailableError

PATIENCE_SECONDS: Final = 5.0
_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True)
class Holder:
    """A process that uses services.

    Attributes:
        token: no other tenancy has it.
        machine: name of the machine, and of its present boot.
        pid: of the process.
        started: when the process started, in the machine's ticks; 0 where that is not known.
        worker: of pytest-xdist, or `main`.
    """

    token: str
    machine: str
    pid: int
    started: int
    worker: str

    def __str__(self) -> str:
        """Return who it is, for a sentence."""
        return f"process {self.pid} on {self.machine.partition('/')[0]} (worker {self.worker})"

    def written(self) -> dict[str, Any]:
        """Return what `read` understands."""
        return asdict(self)

    def is_same(self, other: "Holder | None") -> bool:
        """Say whether it is the tenancy that was written down."""
        return other is not None and other.token == self.token

    def must_be(self, other: "Holder | None", what: str, variable: str) -> None:
        """Complain when another one was written down than this.

        Args:
            other: who is written down.
            what: the service, for a sentence.
            variable: names its address.

        Raises:
            UnavailableError: it is another.
        """
        if not self.is_same(other):
            who = other or "somebody who removed its mark"
            raise UnavailableError(
                f"{what} was taken by {who} while this process used it. {way_out(variable)}"
            )

    def is_alive_here(self) -> bool:
        """Say whether it runs on this machine; of others nothing is known."""
        if self.machine != _machine():
            return False
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            pass
        return self.started == _started(self.pid)


def this_process(worker: str) -> Holder:
    """Return a new holder in this process."""
    pid = os.getpid()
    return Holder(secrets.token_hex(8), _machine(), pid, _started(pid), worker)


def read(document: object) -> Holder | None:
    """Return a holder that was written down; None for anything else."""
    try:
        return Holder(**document)  # type: ignore[arg-type]
    except TypeError:
        return None


def read_text(text: str) -> dict[str, Any]:
    """Return a JSON object; an empty one for anything else."""
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def wait_for_predecessor(ask: Callable[[], Holder | None], what: str, variable: str) -> None:
    """Wait a little for another process of this machine to leave a service.

    Args:
        ask: returns who is written down.
        what: the service, for a sentence.
        variable: names its address.

    Raises:
        UnavailableError: the other one stays.
    """
    deadline = time.monotonic() + PATIENCE_SECONDS
    while (holder := ask()) is not None and holder.is_alive_here():
        if time.monotonic() > deadline:
            raise UnavailableError(f"{what} is in use by {holder}. {way_out(variable)}")
        time.sleep(_POLL_SECONDS)


def way_out(variable: str) -> str:
    """Return what to do when a service is in use."""
    return (
        f"Wait for it, or give each process a service of its own: `{{worker}}` in `{variable}` "
        "becomes the worker of pytest-xdist, or `main`."
    )


def _machine() -> str:
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        boot = ""
    return f"{socket.gethostname()}/{boot}"


def _started(pid: int) -> int:
    try:
        about = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0
    return int(about.rpartition(")")[2].split()[19])
