"""Airflow's metadata database in a Postgres that exists already: marked, migrated once, emptied."""

import json
import sys
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final
from zlib import crc32

from dagproof.model import Environment, Progress, UnavailableError
from dagproof.model.cache import cache_folder
from dagproof.services import addresses
from dagproof.services.external import catalog
from dagproof.services.external.holder import Holder
from dagproof.services.external.postgres import Session
from dagproof.services.external.urls import VARIABLES, PostgresUrl, scrubbed
from dagproof.services.templates import migrate_airflow

_RECIPE: Final = "1"
"""Goes up when what is kept in a marked database changes."""
_PURPOSE: Final = "dagproof empties this database before every test"
_SHOWN: Final = 3
_FOREIGN: Final = ("AIRFLOW", "COVERAGE_", "COV_CORE_")
"""Settings of a client, which must not reach a migration."""


class MetadataDatabase:
    """A database that becomes Airflow's.

    Args:
        url: of the database.
        environ: of the process.
        holder: who uses it.
    """

    def __init__(self, url: PostgresUrl, environ: Mapping[str, str], holder: Holder) -> None:
        self._url = url
        self._environ = environ
        self._session = Session(url, holder)

    def environment(self) -> Environment:
        """Return what Airflow needs to use it."""
        asynchronous = {"AIRFLOW__DATABASE__SQL_ALCHEMY_CONN_ASYNC": self._url.asynchronous}
        return {**addresses.metadata(self._url.sync), **asynchronous}

    def inspect(self) -> None:
        """Take the lock, and make sure that the database is empty or marked as ours.

        Raises:
            UnavailableError: it cannot be reached, is in use, or holds what is not ours.
        """
        self._session.open()
        with self._session.transaction() as cursor:
            self._owned(cursor)

    def prepare(self, progress: Progress) -> None:
        """Migrate the database if it is new or of other versions, and empty it.

        Raises:
            UnavailableError: Postgres refuses, or the migration fails.
        """
        with self._session.transaction() as cursor:
            mark = self._owned(cursor)
            fits = mark is not None and mark["state"] == "ready" and mark["versions"] == versions()
        if fits:
            self.reset(progress)
        else:
            self._build(progress)

    def reset(self, progress: Progress) -> None:
        """Bring back the rows of a freshly migrated database, and drop what is not Airflow's.

        Raises:
            UnavailableError: Postgres refuses or has gone, or somebody else uses the database.
        """
        self._session.open()
        with self._session.transaction() as cursor:
            mark = self._owned(cursor)
            whole = mark is not None and mark["state"] == "ready" and _restore(cursor, mark)
        if not whole:
            self._build(progress)

    def release(self) -> None:
        """Let others use it."""
        self._session.close()

    def _owned(self, cursor: Any) -> dict[str, Any] | None:
        """Return the mark of this very database, or None when it is empty."""
        cursor.execute(f"SELECT to_regclass('{catalog.OURS}.mark') IS NOT NULL")
        foreign = ""
        if cursor.fetchone()[0]:
            cursor.execute(
                "SELECT m.document, m.document->>'database' = d.datname "  # noqa: S608
                f"AND m.document->>'oid' = d.oid::text FROM {catalog.OURS}.mark m, pg_database d "
                "WHERE d.datname = current_database()"
            )
            row = cursor.fetchone()
            if row is not None and row[1] and row[0].get("purpose") == _PURPOSE:
                return dict(row[0])
            foreign = "a mark of dagproof that was made for another database"
        else:
            cursor.execute(f"SELECT to_regnamespace('{catalog.OURS}') IS NOT NULL")
            if cursor.fetchone()[0]:
                foreign = f"a schema `{catalog.OURS}` without dagproof's mark"
            elif found := catalog.contents(catalog.things(cursor)):
                names = ", ".join(f"{kind} `{name}`" for kind, name in found[:_SHOWN])
                more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
                foreign = f"{names}{more}"
        if foreign:
            raise UnavailableError(
                f"{self._session.where} is neither empty nor marked as dagproof's: it holds "
                f"{foreign}. Create an empty one, for instance by `createdb`, and name it in "
                f"`{VARIABLES['postgres']}`; it will be emptied before every test."
            )
        return None

    def _build(self, progress: Progress) -> None:
        """Drop all that is ours, migrate, and keep aside what a migration leaves."""
        progress("Migrating the external database of Airflow, once for these versions (10 s)")
        with self._session.transaction() as cursor:
            mark = self._owned(cursor)
            _end_other_sessions(cursor)
            now = catalog.things(cursor)
            before = now if mark is None else [tuple(thing) for thing in mark["before"]]
            catalog.drop(cursor, [thing for thing in now if thing not in before])
            cursor.execute(f"DROP SCHEMA IF EXISTS {catalog.OURS} CASCADE")
            cursor.execute(f"CREATE SCHEMA {catalog.OURS}")
            cursor.execute(f"CREATE TABLE {catalog.OURS}.mark (document jsonb NOT NULL)")
            cursor.execute(
                f"INSERT INTO {catalog.OURS}.mark SELECT %s::jsonb || jsonb_build_object("  # noqa: S608
                "'database', datname, 'oid', oid::text, 'since', now()) "
                "FROM pg_database WHERE datname = current_database()",
                (json.dumps(_mark("migrating", before)),),
            )
        self._migrate()
        with self._session.transaction() as cursor:
            _keep(cursor)

    def _migrate(self) -> None:
        environ = {
            name: value for name, value in self._environ.items() if not name.startswith(_FOREIGN)
        }
        log = self._log()
        try:
            migrate_airflow(self._url.sync, environ, log, sys.executable)
        except UnavailableError as error:
            raise UnavailableError(scrubbed(str(error), self._url.password)) from None
        log.unlink(missing_ok=True)

    def _log(self) -> Path:
        """Return where a migration of this database writes: nobody else may read it."""
        folder = cache_folder(self._environ)
        name = f"external-{crc32(f'{self._url.host}/{self._url.name}'.encode()):08x}.log"
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            (folder / name).unlink(missing_ok=True)
            (folder / name).touch(mode=0o600)
        except OSError as error:
            raise UnavailableError(
                f"The cache folder `{folder}` cannot be written ({error.strerror}). "
                "Make it writable, or set `DAGPROOF_CACHE` to another folder."
            ) from error
        return folder / name


def versions() -> dict[str, str]:
    """Return what decides whether a migrated database can be used again."""
    found = {"recipe": _RECIPE}
    for name in ("apache-airflow-core", "apache-airflow"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "-"
    return found


def _mark(state: str, before: list[Any]) -> dict[str, Any]:
    return {"purpose": _PURPOSE, "state": state, "versions": versions(), "before": before}


def _keep(cursor: Any) -> None:
    """Keep aside the rows of a freshly migrated database, and say what belongs to it."""
    copies = []
    for number, table in enumerate(catalog.filled(cursor, catalog.tables(cursor))):
        columns = catalog.columns(cursor, table)
        cursor.execute(
            f"CREATE TABLE {catalog.OURS}.clean_{number} AS SELECT {columns} FROM {table}"  # noqa: S608
        )
        copies.append((table, f"{catalog.OURS}.clean_{number}", columns))
    known = {
        "state": "ready",
        "things": catalog.things(cursor),
        "shape": catalog.shape(cursor),
        "tables": catalog.tables(cursor),
        "sequences": catalog.sequences(cursor),
        "copies": copies,
    }
    cursor.execute(
        f"UPDATE {catalog.OURS}.mark SET document = document || %s::jsonb",  # noqa: S608
        (json.dumps(known),),
    )


def _restore(cursor: Any, mark: Mapping[str, Any]) -> bool:
    """Return to what was kept; say whether the tables were as they were, so that it could be."""
    _end_other_sessions(cursor)
    known = {tuple(thing) for thing in mark["things"]}
    catalog.drop(cursor, [thing for thing in catalog.things(cursor) if thing not in known])
    if catalog.shape(cursor) != mark["shape"]:
        return False
    catalog.empty(cursor, catalog.filled(cursor, mark["tables"]))
    for table, copy, columns in mark["copies"]:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) OVERRIDING SYSTEM VALUE "  # noqa: S608
            f"SELECT {columns} FROM {copy}"
        )
    if mark["sequences"]:
        calls = ", ".join("setval(%s::regclass, %s, %s)" for _ in mark["sequences"])
        values = [
            value
            for name, (last, called) in mark["sequences"].items()
            for value in (name, last, called)
        ]
        cursor.execute(f"SELECT {calls}", values)
    return True


def _end_other_sessions(cursor: Any) -> None:
    """End what our user left open in this database, such as a test that failed."""
    cursor.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND usename = current_user AND pid <> pg_backend_pid()"
    )
