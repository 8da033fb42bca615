"""A process that imports one server's code once, then forks a server whenever it is asked.

Run as `python -m dagproof.services.embedded.zygote MODULE FD`: FD is a socket to the keeper,
MODULE has `preload()` and `serve(listener, settings)`.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
import threading
import traceback
from types import ModuleType
from typing import Any, NoReturn

from dagproof.services.privileges import die_with_parent

_LARGEST_REQUEST = 65536


def main(module_name: str, descriptor: int) -> int:
    """Load, say so, and serve requests until the keeper hangs up."""
    die_with_parent()
    keeper = socket.socket(fileno=descriptor)
    module = importlib.import_module(module_name)
    module.preload()
    # Allocators (jemalloc in pyarrow) may have started threads of their own, which they start
    # again in a fork. A thread of Python code would be lost, perhaps with a lock in its hand.
    if threading.active_count() != 1:
        names = ", ".join(thread.name for thread in threading.enumerate())
        sys.exit(f"{module_name} started threads while it was imported ({names}); not forking.")
    gc.freeze()  # the collector of a child must not touch, and so copy, what it shares with us
    _say(keeper, loaded=True)
    while True:
        data, descriptors, _, _ = socket.recv_fds(keeper, _LARGEST_REQUEST, 1)
        if not data:
            return 0
        request = json.loads(data)
        if request["op"] == "fork":
            listener = socket.socket(fileno=descriptors[0])
            zygote = os.getpid()
            pid = os.fork()
            if pid == 0:
                keeper.close()
                _become_server(module, zygote, listener, request)
            listener.close()
            _say(keeper, pid=pid)
        elif request["op"] == "stop":
            _stop(request["pid"])
            _say(keeper, stopped=True)
        else:
            _say(keeper, alive=_alive(request["pid"]))


def _say(keeper: socket.socket, **message: object) -> None:
    keeper.sendall(json.dumps(message).encode() + b"\n")


def _become_server(
    module: ModuleType, zygote: int, listener: socket.socket, request: dict[str, Any]
) -> NoReturn:
    """Serve in a forked child, and never return into the zygote's loop."""
    try:
        die_with_parent()
        if os.getppid() != zygote:
            os._exit(0)  # it died before we could ask to die with it
        log = os.open(request["log"], os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        module.serve(listener, request["settings"])
    except BaseException:  # noqa: BLE001  whatever it is, it belongs in the log
        traceback.print_exc()
    sys.stderr.flush()
    os._exit(1)


def _stop(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    except (ProcessLookupError, ChildProcessError):
        return


def _alive(pid: int) -> bool:
    try:
        return os.waitpid(pid, os.WNOHANG) == (0, 0)
    except ChildProcessError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], int(sys.argv[2])))
