"""Makes a file of this machine appear whole or not at all, also where its writer is killed."""

import os
import re
import secrets
import socket
from pathlib import Path
from urllib.parse import quote


def scratch_beside(target: Path) -> Path:
    """Return a hidden name of our own in the target's folder, which is made if need be.

    What killed processes of this machine left of the same target is removed.

    Raises:
        OSError: the folder cannot be made, read or swept.
    """
    begin = f".{target.name}.{quote(socket.gethostname(), safe='')}."
    leftover = re.compile(rf"{re.escape(begin)}(\d+)\.[0-9a-f]+\.partial")
    target.parent.mkdir(parents=True, exist_ok=True)
    for path in target.parent.iterdir():
        if (found := leftover.fullmatch(path.name)) and not _alive(int(found[1])):
            path.unlink(missing_ok=True)
    return target.with_name(f"{begin}{os.getpid()}.{secrets.token_hex(4)}.partial")


def appear(scratch: Path, target: Path) -> None:
    """Give a finished file its name, in one step that outlives a loss of power.

    Raises:
        OSError: the disk is full, read-only or broken.
    """
    _sync(scratch)
    scratch.replace(target)
    _sync(target.parent)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError as error:
        return not isinstance(error, ProcessLookupError)
    return True


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
