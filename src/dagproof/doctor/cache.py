"""The cache folder: whose it is, how large, and what keepers have left in it."""

import contextlib
import fcntl
import os
import shlex
import shutil
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dagproof.doctor.check import Check, ok, problem, warning
from dagproof.doctor.surroundings import Surroundings
from dagproof.model.cache import cache_folder, is_ours
from dagproof.reporters.words import count
from dagproof.services.embedded.orphans import runs
from dagproof.services.places import Place, key, versions
from dagproof.services.wire import Message, Wire

_PATIENCE: Final = 0.4
"""Seconds in which sizes are added up; what is larger is told as more."""

_FIRST_WORD: Final = 2.0
"""Seconds in which a keeper that listens says what it keeps."""

_MEGABYTE: Final = 1 << 20
_LARGE: Final = 10 << 30
_FULL, _TIGHT = 500 << 20, 2 << 30


def cache(surroundings: Surroundings) -> Iterator[Check]:
    """Say whether dagproof can keep what it makes."""
    folder = cache_folder(surroundings.environ)
    there = next(one for one in (folder, *folder.parents) if one.exists())
    if not there.is_dir():
        yield problem("cache", f"{there} is no folder", "export DAGPROOF_CACHE=/tmp/dagproof")
        return
    if not os.access(there, os.W_OK | os.X_OK):
        yield problem(
            "cache",
            f"{there} is not yours to write to",
            "export DAGPROOF_CACHE=/tmp/dagproof",
        )
        return
    if folder.exists() and not is_ours(folder):
        yield warning(
            "cache",
            f"Others may write to {folder}, or it is not yours: lint remembers nothing there",
            f"chmod go-w {shlex.quote(str(folder))}",
        )
        return
    size, whole = _size(folder) if folder.exists() else (0, True)
    told = f"{folder}, {'' if whole else 'more than '}{size // _MEGABYTE:,} MB"
    old = _others(folder)
    if size > _LARGE and old:
        yield warning(
            "cache",
            f"{told}; {count(len(old), 'folder')} of other environments or versions, which nobody "
            "uses now",
            f"rm -r {' '.join(shlex.quote(str(one)) for one in old)}",
        )
    else:
        yield ok("cache", told)


def disk(surroundings: Surroundings) -> Iterator[Check]:
    """Say whether there is room for databases and reports."""
    folder = cache_folder(surroundings.environ)
    there = next(one for one in (folder, *folder.parents) if one.exists())
    free = shutil.disk_usage(there).free
    told = f"{free // _MEGABYTE:,} MB free at {there}"
    if free < _FULL:
        yield problem("disk", f"{told}: servers do not start", f"du -xh {there} | sort -h | tail")
    elif free < _TIGHT:
        yield warning("disk", told, f"du -xh {there} | sort -h | tail")
    else:
        yield ok("disk", told)


def keepers(surroundings: Surroundings) -> Iterator[Check]:
    """Say which servers are up and for whom, and which have outlived their keeper."""
    warm = clients = 0
    for place in _places(cache_folder(surroundings.environ)):
        held = _held(place.keeper_lock)
        if held and (status := _status(place.socket)) is not None:
            warm += bool(status["kept"])
            clients += status["clients"]
        elif held:
            pid = _holder(place.keeper_lock)
            yield warning(
                "services",
                f"The keeper of {place.folder} does not answer, and keeps the next one out",
                f"kill {pid}" if pid else "",
            )
        else:
            yield from _left(place)
    told = []
    if warm:
        told.append(f"{count(warm, 'keeper')} of `services up`: `dagproof services down` ends it")
    if clients:
        whose = "its" if clients == 1 else "their"
        told.append(f"in use by {count(clients, 'run')} until {whose} end")
    if told:
        yield ok("services", "; ".join(told))


def _left(place: Place) -> Iterator[Check]:
    pid = _postmaster(place.cluster)
    if pid and runs(pid, place.cluster):
        yield warning(
            "services",
            f"A Postgres has outlived the keeper of {place.folder}; the next run ends it",
            f"kill -INT {pid}",
        )
    control = place.cluster / "global" / "pg_control"
    with contextlib.suppress(PermissionError):  # Postgres may run under another account
        if place.cluster.is_dir() and not control.exists():
            yield warning(
                "services",
                f"The template databases in {place.folder} are damaged; the next run makes them "
                "anew",
                f"rm -r {shlex.quote(str(place.cluster))}",
            )


def _places(folder: Path) -> Iterator[Place]:
    """Yield the places of keepers, without making any."""
    with contextlib.suppress(OSError):
        for one in sorted(folder.iterdir()):
            if (one / "keeper.lock").is_file():
                yield Place(one, one / "keeper.sock")


def _others(folder: Path) -> list[Path]:
    """Return the folders of other environments or versions whose keeper does not run."""
    mine = key(versions())
    return [
        place.folder
        for place in _places(folder)
        if place.folder.name != mine and not _held(place.keeper_lock)
    ]


def _held(lock: Path) -> bool:
    """Say whether a keeper lives; its lock is not taken from it."""
    try:
        with lock.open("rb") as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def _status(place: Path) -> Message | None:
    """Return what a keeper says of itself; None where it does not answer."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(_FIRST_WORD)
        wire = Wire(probe)
        try:
            probe.connect(str(place))
            wire.send({"op": "status"})
            answer = wire.receive(_FIRST_WORD)
        except OSError:
            return None
    status: Message | None = (answer or {}).get("status")
    return status


def _holder(lock: Path) -> str:
    """Return the process that holds a lock, where Linux tells."""
    with contextlib.suppress(OSError):
        inode = str(lock.stat().st_ino)
        for line in Path("/proc/locks").read_text().splitlines():
            words = line.split()
            if "FLOCK" in words and words[5].rpartition(":")[2] == inode:
                return words[4]
    return ""


def _postmaster(cluster: Path) -> int:
    try:
        return int((cluster / "postmaster.pid").read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return 0


def _size(folder: Path) -> tuple[int, bool]:
    """Return the bytes below a folder, and whether all of them were counted in time."""
    deadline = time.monotonic() + _PATIENCE
    total, waiting = 0, [str(folder)]
    while waiting:
        if time.monotonic() > deadline:
            return total, False
        try:
            with os.scandir(waiting.pop()) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        waiting.append(entry.path)
                    else:
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
        except OSError:
            continue
    return total, True
