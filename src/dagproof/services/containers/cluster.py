"""Postgres in a container, and what its databases looked like when they were migrated."""

import contextlib
import os
import secrets
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

from dagproof.model import UnavailableError
from dagproof.services import databases
from dagproof.services.containers.box import Box
from dagproof.services.containers.engine import Engine, Recipe
from dagproof.services.parties import Check

USER: Final = "dagproof"
PORT: Final = 5432
ALIAS: Final = "postgres"
_START_SECONDS: Final = 60.0
_PAUSE_SECONDS: Final = 0.02
_COMPLETE: Final = b"PostgreSQL database dump complete"
_SETTINGS: Final = {
    # Nothing here outlives a test: no write waits for the disk.
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    # A background worker in a template would make its copy wait.
    "autovacuum": "off",
    "max_connections": "400",
    "jit": "off",
}


def recipe(image: str, host_port: int, password: str) -> Recipe:
    """Return what Postgres is started from."""
    settings = [word for name, value in _SETTINGS.items() for word in ("-c", f"{name}={value}")]
    environment = {
        "POSTGRES_USER": USER,
        "POSTGRES_PASSWORD": password,
        "POSTGRES_DB": "postgres",
        "POSTGRES_INITDB_ARGS": "--no-sync --encoding=UTF8",
    }
    return Recipe("postgres", image, settings, environment, PORT, host_port=host_port, alias=ALIAS)


class ContainerCluster:
    """A running Postgres in a container.

    Args:
        engine: starts it.
        image: its image.
        host_port: on this machine; 0 for any.
        dumps: folder for databases that were migrated once.
    """

    def __init__(self, engine: Engine, image: str, host_port: int, dumps: Path) -> None:
        self._password = secrets.token_hex(16)
        self._dumps = dumps
        self._locks: dict[str, threading.Lock] = {}
        self._made: set[str] = set()
        self._guard = threading.Lock()
        self._box: Box = engine.start(recipe(image, host_port, self._password))

    def wait(self, check: Check) -> None:
        """Return when it answers.

        Raises:
            UnavailableError: it ends, or does not answer in time.
        """
        deadline = time.monotonic() + _START_SECONDS
        while not self._answers():
            check()
            if not self._box.alive():
                raise self._box.failure("The container of Postgres has ended.")
            if time.monotonic() > deadline:
                raise self._box.failure(f"Postgres does not answer in {_START_SECONDS:.0f} s.")
            time.sleep(_PAUSE_SECONDS)

    def _answers(self) -> bool:
        """Say whether it is there to stay: while it sets itself up, it listens inside alone."""
        try:
            with self.cursor():
                return True
        except UnavailableError:
            return False

    def url(self, database: str) -> str:
        """Return a database's address on this machine."""
        return self._url(database, self._box.host, self._box.port)

    def url_inside(self, database: str) -> str:
        """Return a database's address for the other containers."""
        return self._url(database, ALIAS, PORT)

    def _url(self, database: str, host: str, port: int) -> str:
        return f"postgresql+psycopg2://{USER}:{self._password}@{host}:{port}/{database}"

    @contextlib.contextmanager
    def cursor(self, database: str = "postgres") -> Iterator[Any]:
        """Yield a cursor that commits each statement.

        Raises:
            UnavailableError: Postgres does not answer, or refuses a statement.
        """
        import psycopg2

        try:
            connection = psycopg2.connect(
                host=self._box.host,
                port=self._box.port,
                user=USER,
                password=self._password,
                dbname=database,
                connect_timeout=10,
            )
        except psycopg2.Error as error:
            raise self._box.failure(f"Postgres does not answer: {error}") from error
        try:
            connection.autocommit = True
            yield connection.cursor()
        except psycopg2.Error as error:
            raise self._box.failure(f"Postgres refuses: {error}") from error
        finally:
            connection.close()

    def template(self, name: str, build: Callable[[str], None]) -> str:
        """Return the name of a database to copy from; made at its first use, from a dump if there.

        Args:
            name: says what is in it, and for which versions.
            build: fills the empty database whose name it is given.
        """
        with self._guard:
            lock = self._locks.setdefault(name, threading.Lock())
        template = f"template_{name}"
        with lock:
            if name not in self._made:
                building = f"building_{name}"
                databases.copy(self, "template0", building)
                if not self._restored(name, building):
                    build(building)
                    self._dump(name, building)
                databases.publish(self, building, template)
                self._made.add(name)
        return template

    def _file(self, name: str) -> Path:
        return self._dumps / f"{name}.sql"

    def _restored(self, name: str, database: str) -> bool:
        """Fill a database from a dump; one that is damaged is forgotten."""
        try:
            dump = self._file(name).read_bytes()
        except OSError:
            return False
        if _COMPLETE not in dump[-400:]:
            return False
        self._box.put("/tmp", f"{name}.sql", dump)  # noqa: S108  in the container
        command = ["psql", "-qAt", "-U", USER, "-d", database, "-v", "ON_ERROR_STOP=1"]
        try:
            self._box.carry_out([*command, "--single-transaction", "-f", f"/tmp/{name}.sql"])  # noqa: S108
        except UnavailableError:
            databases.copy(self, "template0", database)
            return False
        return True

    def _dump(self, name: str, database: str) -> None:
        """Keep what a database holds, for the keepers to come; where it cannot be, do without."""
        dump = self._box.carry_out(["pg_dump", "-U", USER, "--no-owner", "-d", database])
        file = self._file(name)
        with contextlib.suppress(OSError):
            file.parent.mkdir(mode=0o700, exist_ok=True)
            half = file.with_suffix(f".{os.getpid()}.half")
            half.write_bytes(dump)
            half.replace(file)

    def remove(self) -> None:
        """Kill it, and remove all that it stored."""
        self._box.remove()
