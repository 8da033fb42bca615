"""Turns a command into a keeper that stays: one for each folder, in its own session.

Run as `python -m dagproof.services.daemon FOLDER SOCKET KIND PLAN`, where KIND says which services
it keeps and PLAN, JSON, how. It returns as soon as its child listens; what went wrong before that
stands on its standard error.
"""

import fcntl
import json
import os
import shutil
import signal
import socket
import sys
import time
import traceback
from pathlib import Path
from typing import IO

from dagproof.model import Containers
from dagproof.services.keeper import Keeper
from dagproof.services.parties import House
from dagproof.services.places import Place

_PREDECESSOR_SECONDS = 30
_BACKLOG = 128


def main(folder: str, socket_path: str, kind: str, plan: str) -> None:
    """Become the keeper of a folder."""
    os.umask(0o077)
    place = Place(Path(folder), Path(socket_path))
    lock = hold(place.keeper_lock, _PREDECESSOR_SECONDS)
    place.socket.unlink(missing_ok=True)
    shutil.rmtree(place.scratch, ignore_errors=True)
    place.scratch.mkdir()
    place.socket.parent.mkdir(exist_ok=True)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(place.socket))
    listener.listen(_BACKLOG)
    if os.fork():
        os._exit(0)
    log = os.open(place.logs / "keeper.log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    for standard in (1, 2):
        os.dup2(log, standard)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        Keeper(place, listener, _house(kind, plan, place)).run()
    except BaseException:  # noqa: BLE001  nobody is left to tell but the log
        traceback.print_exc()
    finally:
        lock.close()
        os._exit(0)


def _house(kind: str, plan: str, place: Place) -> House:
    if kind == "containers":
        from dagproof.services.containers.house import ContainerHouse

        return ContainerHouse(place, Containers(**json.loads(plan)))
    from dagproof.services.embedded.house import EmbeddedHouse

    return EmbeddedHouse(place)


def hold(lock: Path, seconds: float) -> IO[str]:
    """Wait for the previous keeper to end, and take its lock for all our life."""
    held = lock.open("a")
    deadline = time.monotonic() + seconds
    while True:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                sys.exit(f"another one has held `{lock}` for {seconds:.0f} s.")
            time.sleep(0.02)
        else:
            return held


if __name__ == "__main__":
    main(*sys.argv[1:])
