"""Docker, where services run in containers: whether it answers, asked without its SDK."""

import http.client
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dagproof.doctor.check import Check, State, ok
from dagproof.doctor.installed import importable
from dagproof.doctor.surroundings import Surroundings

_PATIENCE: Final = 1.0
_INSTEAD: Final = "`--services embedded` needs none"


def docker(surroundings: Surroundings) -> Iterator[Check]:
    """Say whether containers can be started, where somebody could want any."""
    wanted = surroundings.backend == "containers"
    if not wanted and not importable("testcontainers"):
        return
    state = State.PROBLEM if wanted else State.OK
    address = surroundings.environ.get("DOCKER_HOST", "")
    if address and not address.startswith("unix://"):
        yield ok("docker", f"`DOCKER_HOST` is {address}, which is not asked here")
        return
    places = [address.removeprefix("unix://")] if address else _usual(surroundings)
    place = next((one for one in places if Path(one).exists()), "")
    if not place:
        yield _without(state, "Docker does not run here", "sudo systemctl start docker")
        return
    try:
        said = _ping(place)
    except PermissionError:
        yield _without(
            state, f"Docker does not let you in at {place}", "sudo usermod -aG docker $USER"
        )
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        told = f"Docker does not answer at {place} ({why})"
        yield _without(state, told, "sudo systemctl start docker")
    else:
        yield ok("docker", f"answers at {place}, API {said}")


def _without(state: State, sentence: str, command: str) -> Check:
    if state is State.OK:
        return ok("docker", f"{sentence}; {_INSTEAD}")
    return Check("docker", state, f"{sentence}; {_INSTEAD}", command)


def _usual(surroundings: Surroundings) -> list[str]:
    runtime = surroundings.environ.get("XDG_RUNTIME_DIR", "")
    rootless = [f"{runtime}/docker.sock"] if runtime else []
    return ["/var/run/docker.sock", *rootless, str(Path("~/.docker/run/docker.sock").expanduser())]


class _Connection(http.client.HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, place: str) -> None:
        super().__init__("localhost", timeout=_PATIENCE)
        self._place = place

    def connect(self) -> None:
        """Open the socket."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(_PATIENCE)
        self.sock.connect(self._place)


def _ping(place: str) -> str:
    """Return the version of the API that Docker speaks.

    Raises:
        OSError: it does not answer.
    """
    connection = _Connection(place)
    try:
        connection.request("GET", "/_ping")
        answer = connection.getresponse()
        answer.read()
        return answer.getheader("Api-Version") or "unknown"
    except http.client.HTTPException as error:
        raise OSError(f"it answers {type(error).__name__}") from error
    finally:
        connection.close()
