"""The keeper's end of a zygote: start it, wait until it has loaded, fork and stop servers."""

import json
import queue
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path

from dagproof.services.sentences import failure
from dagproof.services.wire import Message, Wire

_REPLY_SECONDS = 30


class Zygote:
    """One process that has a server's code loaded.

    Start it in the keeper's main thread: it dies with the thread that made it.

    Args:
        name: of the service, for messages.
        module: what it loads.
        environ: its whole environment.
        log: where it writes.
    """

    def __init__(self, name: str, module: str, environ: Mapping[str, str], log: Path) -> None:
        self.name = name
        self._log = log
        self._lock = threading.Lock()
        self._loaded = threading.Event()
        self._replies: queue.SimpleQueue[Message | None] = queue.SimpleQueue()
        self._socket, theirs = socket.socketpair()
        with theirs, log.open("wb") as output:
            command = [sys.executable, "-P", "-m", "dagproof.services.embedded.zygote", module]
            self._process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=dict(environ),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for message in Wire(self._socket.dup()):
            if "loaded" in message:
                self._loaded.set()
            else:
                self._replies.put(message)
        self._replies.put(None)
        self._process.wait()
        self._loaded.set()

    def wait_loaded(self, check: Callable[[], None]) -> None:
        """Block until servers can be forked.

        Args:
            check: called often; what it raises ends the wait.

        Raises:
            UnavailableError: the code does not load.
        """
        while not self._loaded.wait(0.05):
            check()
        if self._process.poll() is not None:
            raise failure(f"The {self.name} server does not load.", self._log)

    def fork(self, listener: socket.socket, settings: Mapping[str, str], log: Path) -> int:
        """Start a server on a listening socket and return its process id."""
        request = {"op": "fork", "settings": dict(settings), "log": str(log)}
        pid: int = self._ask(request, [listener.fileno()])["pid"]
        return pid

    def stop(self, pid: int) -> None:
        """Kill a server; a dead one is fine."""
        self._ask({"op": "stop", "pid": pid}, [])

    def alive(self, pid: int) -> bool:
        """Say whether a server still runs."""
        return bool(self._ask({"op": "alive", "pid": pid}, [])["alive"])

    def _ask(self, request: Mapping[str, object], descriptors: list[int]) -> Message:
        with self._lock:
            try:
                socket.send_fds(self._socket, [json.dumps(request).encode()], descriptors)
                reply = self._replies.get(timeout=_REPLY_SECONDS)
            except (OSError, queue.Empty):
                reply = None
        if reply is None:
            raise failure(f"The {self.name} server's parent process has died.", self._log)
        return reply

    def close(self) -> None:
        """End it, and with it every server that it forked."""
        self._socket.close()
        self._process.kill()
        self._process.wait()
