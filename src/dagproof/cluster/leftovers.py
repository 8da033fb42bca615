"""Processes of a cluster that outlived it: found by the folder in their environment, and ended."""

import ctypes
import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dagproof.cluster.surroundings import OWNER

_PR_SET_CHILD_SUBREAPER: Final = 36
_PATIENCE_SECONDS: Final = 5.0


def adopt_orphans() -> None:
    """Become the parent of every process below us whose own parent ends (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def of_cluster(folder: Path) -> Iterator[int]:
    """Yield the ids of all processes of a cluster, the one that asks left out (Linux)."""
    mark = os.fsencode(f"{OWNER}={folder}")
    for entry in Path("/proc").glob("[0-9]*"):
        if int(entry.name) == os.getpid():
            continue
        try:
            if mark in (entry / "environ").read_bytes().split(b"\0"):
                yield int(entry.name)
        except OSError:
            continue


def below(pid: int) -> Iterator[int]:
    """Yield the ids of all processes below one (Linux)."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            after_name = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        children.setdefault(int(after_name[1]), []).append(int(entry.name))
    waiting = list(children.get(pid, ()))
    while waiting:
        waiting += children.get(waiting[0], ())
        yield waiting.pop(0)


def end_all_below() -> None:
    """Kill every process below us, and forget it; those that they leave behind become ours."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while time.monotonic() < deadline:
        for pid in below(os.getpid()):
            _kill(pid)
        try:
            while os.waitpid(-1, os.WNOHANG) != (0, 0):
                pass
        except ChildProcessError:
            return
        time.sleep(0.01)


def end_leftovers(folder: Path) -> int:
    """Kill what a cluster that was killed has left, and return how many that were."""
    found = list(of_cluster(folder))
    for pid in found:
        _kill(pid)
    return len(found)


def _kill(pid: int) -> None:
    try:
        os.kill(pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
