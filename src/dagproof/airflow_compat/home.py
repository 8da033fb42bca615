"""A scratch `AIRFLOW_HOME` that goes with its process, whichever way that ends."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dagproof.model import UnavailableError

_PREFIX: Final = "dagproof-airflow-"
_ALIVE: Final = ".alive"
_BEING_MADE: Final = 60.0
"""Seconds that a home without a lock may take to get one."""


@contextlib.contextmanager
def scratch_home() -> Iterator[Path]:
    """Yield an empty folder; remove it afterwards, and at once those that a killed process left.

    A lock in the folder says that its owner lives: pids would not do where containers share `/tmp`.

    Raises:
        UnavailableError: no folder can be made.
    """
    _remove_abandoned()
    with contextlib.ExitStack() as stack:
        try:
            home = Path(tempfile.mkdtemp(prefix=_PREFIX))
            stack.callback(shutil.rmtree, home, ignore_errors=True)
            lock = os.open(home / _ALIVE, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC)
            stack.callback(os.close, lock)
            fcntl.flock(lock, fcntl.LOCK_EX)
        except OSError as error:
            raise UnavailableError(
                f"No scratch folder can be made in {tempfile.gettempdir()}: {error.strerror}. "
                "Free some space there, or point TMPDIR elsewhere."
            ) from error
        yield home


def is_scratch(home: str) -> bool:
    """Say whether a home was made by `scratch_home`, of this process or of another."""
    return Path(home).name.startswith(_PREFIX)


def _remove_abandoned() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            if _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)


def _is_abandoned(folder: Path) -> bool:
    try:
        lock = os.open(folder / _ALIVE, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return time.time() - folder.stat().st_mtime > _BEING_MADE
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    finally:
        os.close(lock)
    return True
