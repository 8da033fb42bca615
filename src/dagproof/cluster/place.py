"""Where the files of a cluster are, and whether it runs: a lock says so, however it ends."""

import contextlib
import fcntl
import os
import shutil
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import IO

from dagproof.model import UnavailableError
from dagproof.model.cache import cache_folder


@dataclass(frozen=True, slots=True)
class ClusterPlace:
    """The files of one cluster.

    Attributes:
        folder: everything below is inside; readable by its owner alone.
    """

    folder: Path

    @property
    def lock(self) -> Path:
        """Held by the supervisor for all its life."""
        return self.folder / "lock"

    @property
    def record(self) -> Path:
        """What the running cluster says of itself."""
        return self.folder / "cluster.json"

    @property
    def home(self) -> Path:
        """`AIRFLOW_HOME`, made anew at each start; holds the logs of tasks."""
        return self.folder / "airflow"

    @property
    def logs(self) -> Path:
        """One log for each process; those of the last cluster stay until the next."""
        return self.folder / "logs"

    @property
    def supervisor_log(self) -> Path:
        """What the supervisor says."""
        return self.folder / "supervisor.log"

    @property
    def passwords(self) -> Path:
        """Where Airflow's simple auth manager reads the password from."""
        return self.home / "passwords.json"

    def make(self) -> None:
        """Make the folder.

        Raises:
            UnavailableError: it cannot be made, or not be written.
        """
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.supervisor_log.touch(mode=0o600)
        except OSError as error:
            raise self.unusable(error) from error

    def unusable(self, error: OSError) -> UnavailableError:
        """Return the complaint that a file here cannot be written, with the way out."""
        return UnavailableError(
            f"`{self.folder}` cannot be written ({error.strerror}). "
            "Make it writable, or set `DAGPROOF_CACHE` to another folder."
        )

    def renew(self) -> None:
        """Remove what the last cluster left, and make what the next one needs."""
        self.record.unlink(missing_ok=True)
        for folder in (self.home, self.logs):
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(mode=0o700)
        (self.home / "plugins").mkdir()

    def hold(self, patience: float = 1.0) -> IO[str] | None:
        """Take the lock, and keep it while the file is open; None where a cluster runs.

        Args:
            patience: in seconds; who only asks whether a cluster runs holds it for a moment.

        Raises:
            UnavailableError: its file cannot be written.
        """
        try:
            held = self.lock.open("a")
        except OSError as error:
            raise self.unusable(error) from error
        deadline = time.monotonic() + patience
        while True:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > deadline:
                    held.close()
                    return None
                time.sleep(0.01)
            else:
                held.truncate(0)
                held.write(str(os.getpid()))
                held.flush()
                return held

    def holder(self) -> int | None:
        """Return the process that runs, starts or stops a cluster here; None where none does."""
        if not self.is_held():
            return None
        told = self.lock.read_text()
        return int(told) if told.isdigit() else None

    def is_held(self) -> bool:
        """Say whether a cluster runs, starts or stops here."""
        with contextlib.suppress(FileNotFoundError), self.lock.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except BlockingIOError:
                return True
        return False


def default_place(root: Path, environ: Mapping[str, str] = os.environ) -> ClusterPlace:
    """Return the place of the one cluster that a repository has.

    Args:
        root: of the repository.
        environ: says where the cache is.
    """
    name = sha256(os.fsencode(root.resolve())).hexdigest()[:12]
    return ClusterPlace(cache_folder(environ) / "clusters" / name)
