"""One running container: where it answers, what it says, how it is asked and removed."""

import http.client
import time
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any, Final

from dagproof.model import UnavailableError
from dagproof.services.containers.complaints import FULL_DISK
from dagproof.services.parties import Check

_PAUSE_SECONDS: Final = 0.05
_READY_SECONDS: Final = 120.0
_TAIL_LINES: Final = 15


class Box:
    """A container that has been started.

    Attributes:
        service: what it is for.
        host: where it is reached from this machine.
        port: on that host.
    """

    def __init__(self, service: str, container: Any, host: str, port: int) -> None:
        self.service = service
        self.host = host
        self.port = port
        self._container = container

    @property
    def url(self) -> str:
        """The address of an HTTP server in it."""
        return f"http://{self.host}:{self.port}"

    def wait(self, path: str, check: Check) -> None:
        """Return when a path answers 200.

        Raises:
            UnavailableError: the container has ended, or nothing answers; with the end of its log.
        """
        deadline = time.monotonic() + _READY_SECONDS
        while (status := self._status(path)) != HTTPStatus.OK:
            check()
            if not self.alive():
                raise self.failure(f"The container of {self.service} has ended.")
            if time.monotonic() > deadline:
                raise self.failure(f"{self.service} answers {status or 'nothing'} to `{path}`.")
            time.sleep(_PAUSE_SECONDS)

    def _status(self, path: str) -> int:
        try:
            return self.request("GET", path)
        except (OSError, http.client.HTTPException):
            return 0

    def request(self, method: str, path: str) -> int:
        """Send a request without a body, and return the status of the answer.

        Raises:
            OSError: nobody is there.
            http.client.HTTPException: the answer is no HTTP.
        """
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        try:
            connection.request(method, path)
            return connection.getresponse().status
        finally:
            connection.close()

    def alive(self) -> bool:
        """Say whether its process still runs."""
        try:
            self._container.reload()
        except Exception:  # noqa: BLE001  whatever docker's SDK raises, it is not there any more
            return False
        return bool(self._container.status in {"created", "running"})

    def carry_out(self, command: Sequence[str], **variables: str) -> bytes:
        """Run a program inside, and return what it writes.

        Raises:
            UnavailableError: it does not exit with 0.
        """
        container = self._container.get_wrapped_container()
        done = container.exec_run(list(command), environment=variables, demux=True)
        output, errors = done.output
        if done.exit_code != 0:
            said = (errors or b"").decode(errors="replace").strip().splitlines()[-1:]
            raise self.failure(f"`{command[0]}` fails in the container: {''.join(said)}")
        return bytes(output or b"")

    def put(self, folder: str, name: str, data: bytes) -> None:
        """Write a file into it."""
        import io
        import tarfile

        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(data), 0o644
            tar.addfile(member, io.BytesIO(data))
        self._container.get_wrapped_container().put_archive(folder, packed.getvalue())

    def failure(self, sentence: str) -> UnavailableError:
        """Return a complaint that ends in what the container says."""
        try:
            log = self._container.get_wrapped_container().logs(tail=_TAIL_LINES)
        except Exception:  # noqa: BLE001  it may be gone, and its log with it
            log = b""
        end = log.decode(errors="replace").rstrip()
        if "No space left on device" in end:
            sentence = FULL_DISK
        return UnavailableError(f"{sentence}\nThe end of its log:\n{end}" if end else sentence)

    def remove(self) -> None:
        """Kill it, and remove it with its volumes; one that is gone is fine."""
        from docker.errors import APIError, NotFound

        try:
            self._container.stop()
        except NotFound:
            return
        except APIError as error:
            if "already in progress" not in str(error):
                raise
