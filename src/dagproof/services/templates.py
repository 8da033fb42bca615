"""Migrated databases to copy from: built once for a set of versions, rebuilt when damaged."""

import os
import subprocess
import tempfile
import threading
from collections import defaultdict
from collections.abc import Callable, Mapping
from pathlib import Path

from dagproof.model import UnavailableError
from dagproof.services import databases
from dagproof.services.parties import Cluster
from dagproof.services.sentences import failure

_PREFIX = "template_"
_MIGRATE_SECONDS = 600


class Templates:
    """The templates of one cluster.

    Args:
        cluster: a running Postgres.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._locks: defaultdict[str, threading.Lock] = defaultdict(threading.Lock)
        self._verified: set[str] = set()

    def sweep(self) -> None:
        """Drop every database that a dead keeper left behind."""
        for name in databases.names(self._cluster):
            if not name.startswith(_PREFIX):
                databases.drop(self._cluster, name)

    def ensure(self, kind: str, build: Callable[[str], None]) -> str:
        """Return the name of a sound template; make it when it is missing or damaged.

        Args:
            kind: what is in it.
            build: fills the empty database whose name it is given; the template appears only
                when that has returned.
        """
        name = _PREFIX + kind
        with self._locks[kind]:
            if kind in self._verified:
                return name
            if not self._sound(name):
                databases.drop(self._cluster, name)
                databases.copy(self._cluster, "template0", f"building_{kind}")
                build(f"building_{kind}")
                databases.publish(self._cluster, f"building_{kind}", name)
            self._verified.add(kind)
        return name

    def _sound(self, name: str) -> bool:
        """Say whether a template is there and every row in it can be read."""
        if name not in databases.names(self._cluster):
            return False
        try:
            with self._cluster.cursor(name) as cursor:
                cursor.execute(
                    "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
                )
                tables = [table for (table,) in cursor.fetchall()]
                if not tables:
                    return False
                # Planning opens every index as well, and pages carry checksums.
                for table in tables:
                    cursor.execute(f"SELECT count(t.*) FROM public.{table} t")  # noqa: S608  quoted
        except UnavailableError:
            return False
        return True


def migrate_airflow(url: str, environ: Mapping[str, str], log: Path, python: str) -> None:
    """Fill an empty database as `airflow db migrate` does.

    Args:
        url: of the database.
        environ: the whole environment of the process.
        log: where it writes.
        python: the interpreter whose Airflow it is.

    Raises:
        UnavailableError: it fails; carries the end of its output.
    """
    with tempfile.TemporaryDirectory(prefix="airflow-", dir=environ.get("TMPDIR")) as home:
        settings = {
            "AIRFLOW_HOME": home,
            "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
            "AIRFLOW__CORE__DAGS_FOLDER": os.path.join(home, "dags"),  # noqa: PTH118
            "AIRFLOW__DATABASE__LOAD_DEFAULT_CONNECTIONS": "False",
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": url,
        }
        with log.open("wb") as output:
            try:
                done = subprocess.run(
                    [python, "-P", "-m", "airflow", "db", "migrate"],
                    env={**environ, **settings},
                    cwd=home,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=output,
                    check=False,
                    timeout=_MIGRATE_SECONDS,
                )
                code = done.returncode
            except subprocess.TimeoutExpired:
                code = -1
    if code != 0:
        raise failure("`airflow db migrate` failed on an empty database.", log)
