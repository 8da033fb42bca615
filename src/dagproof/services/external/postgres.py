"""A session in a database that exists already, and the lock that it holds for all its life."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any, Final

from dagproof.model import UnavailableError
from dagproof.services.external.holder import PATIENCE_SECONDS, Holder, way_out
from dagproof.services.external.urls import VARIABLES, PostgresUrl, scrubbed

_CONNECT_SECONDS: Final = 5
_LOCK_WAIT: Final = "10s"
_POLL_SECONDS: Final = 0.2
_LOCK: Final = (0x64616770, 1)
"""Two numbers that name our advisory lock; such locks are the database's own."""
_ADVICE: Final = (
    ("authentication failed", "Check the user and the password in `{variable}`."),
    ("no password supplied", "Put the password into `{variable}`, or set `PGPASSWORD`."),
    ("database", "Create it, empty, for instance by `createdb`: dagproof makes no databases."),
)
_ABSENT: Final = "does not exist"


class Session:
    """A connection to a database, made anew when it was lost.

    Args:
        url: of the database.
        holder: who asks, for others to see.
    """

    def __init__(self, url: PostgresUrl, holder: Holder) -> None:
        self._url = url
        self._holder = holder
        self._connection: Any = None

    @property
    def where(self) -> str:
        """Return which database it is, for a sentence."""
        name = f"database `{self._url.name}`" if self._url.name else "default database"
        return f"The {name} at `{self._url.host}`"

    @contextlib.contextmanager
    def transaction(self) -> Iterator[Any]:
        """Yield a cursor; all that it does is done together, or not at all.

        Raises:
            UnavailableError: Postgres refuses, or has gone.
        """
        import psycopg2

        if self._connection is None:
            raise UnavailableError(f"{self.where} is not open.")
        try:
            with self._connection, self._connection.cursor() as cursor:
                yield cursor
        except psycopg2.Error as error:
            if isinstance(error, psycopg2.OperationalError | psycopg2.InterfaceError):
                self._drop_if_lost()
            raise self._refused(error) from error

    def open(self) -> None:
        """Connect where there is no living connection, and take the lock.

        Raises:
            UnavailableError: it cannot be reached, or another process uses it.
        """
        if self._connection is not None and self._holds_lock():
            return
        self.close()
        self._connection = self._connect()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._lock():
            if time.monotonic() > deadline:
                other = self._who_locks()
                self.close()
                raise UnavailableError(
                    f"{self.where} is in use by {other}. {way_out(VARIABLES['postgres'])}"
                )
            time.sleep(_POLL_SECONDS)

    def close(self) -> None:
        """Hang up; that frees the lock."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _connect(self) -> Any:
        import psycopg2

        try:
            connection = psycopg2.connect(
                self._url.libpq,
                connect_timeout=_CONNECT_SECONDS,
                application_name=f"dagproof, {self._holder}"[:63],
                keepalives_idle=30,
                keepalives_interval=10,
            )
        except psycopg2.ProgrammingError:  # its text quotes the address
            raise UnavailableError(
                f"`{VARIABLES['postgres']}` has a parameter that libpq does not know. Remove it."
            ) from None
        except psycopg2.Error as error:
            raise self._refused(error) from error
        try:
            with connection, connection.cursor() as cursor:
                cursor.execute("SELECT current_setting('server_version_num')::int")
                patient = cursor.fetchone()[0] >= 140000  # noqa: PLR2004  where it came in
                if patient:
                    cursor.execute("SET idle_session_timeout = 0")
                cursor.execute(f"SET lock_timeout = '{_LOCK_WAIT}'")
                cursor.execute("SET client_min_messages = warning")
                cursor.execute("SET search_path = pg_catalog")  # so that all names come qualified
        except psycopg2.Error as error:
            connection.close()
            raise self._refused(error) from error
        return connection

    def _lock(self) -> bool:
        with self.transaction() as cursor:
            cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", _LOCK)
            return bool(cursor.fetchone()[0])

    def _holds_lock(self) -> bool:
        try:
            with self.transaction() as cursor:
                cursor.execute(
                    "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted "
                    "AND pid = pg_backend_pid() AND (classid, objid) = (%s, %s)",
                    _LOCK,
                )
                return bool(cursor.fetchone()[0])
        except UnavailableError:
            return False

    def _who_locks(self) -> str:
        with self.transaction() as cursor:
            cursor.execute(
                "SELECT coalesce(nullif(a.application_name, ''), a.usename, 'somebody'), l.pid, "
                "coalesce(host(a.client_addr), 'a local socket') FROM pg_locks l "
                "JOIN pg_database d ON d.oid = l.database AND d.datname = current_database() "
                "LEFT JOIN pg_stat_activity a ON a.pid = l.pid "
                "WHERE l.locktype = 'advisory' AND l.granted AND (l.classid, l.objid) = (%s, %s)",
                _LOCK,
            )
            found: Sequence[Any] | None = cursor.fetchone()
        if found is None:
            return "somebody who has just left"
        return f"`{found[0]}`, from {found[2]}, with the server's process {found[1]}"

    def _drop_if_lost(self) -> None:
        if self._connection is not None and self._connection.closed:
            self.close()

    def _refused(self, error: Exception) -> UnavailableError:
        said = " ".join(scrubbed(str(error), self._url.password).split())
        variable = VARIABLES["postgres"]
        advice = f"Check `{variable}`."
        code = getattr(error, "pgcode", None)
        if code in {"42501", "25006"}:
            advice = "Use a user who owns the database: it makes, empties and drops tables in it."
        elif code == "55P03":
            advice = "Somebody else works in it: end their session."
        elif code is None:
            for sign, words in _ADVICE:
                if sign in said and (sign != "database" or _ABSENT in said):
                    advice = words.format(variable=variable)
                    break
        return UnavailableError(f"{self.where} cannot be used ({said.rstrip('.')}). {advice}")
