"""One tenancy inside the keeper: its own databases, its own MLflow and its own object store."""

import shutil
import socket
import sys
import threading
from collections.abc import Collection
from typing import TYPE_CHECKING

from dagproof.model import Environment, Progress
from dagproof.services import addresses, databases
from dagproof.services.embedded import mlflow_server
from dagproof.services.embedded.server import Server
from dagproof.services.parties import Check, side_by_side
from dagproof.services.sentences import SERVICES
from dagproof.services.templates import migrate_airflow

if TYPE_CHECKING:
    from dagproof.services.embedded.house import EmbeddedHouse


class EmbeddedTenant:
    """The servers of one client, or of those that share what `up` keeps warm.

    Args:
        house: what all tenants share.
        name: unique in the house.
    """

    def __init__(self, house: "EmbeddedHouse", name: str) -> None:
        self._house = house
        self._name = name
        self._lock = threading.Lock()
        self._listeners: dict[str, socket.socket] = {}
        self._running: dict[str, Server] = {}
        self._ready: set[str] = set()
        self.wanted: frozenset[str] = frozenset()

    def open(
        self,
        wanted: Collection[str],
        check: Check,  # noqa: ARG002
        progress: Progress,  # noqa: ARG002
    ) -> Environment:
        """Return the environment of some services; from now on their addresses are listening."""
        found: dict[str, str] = {}
        with self._lock:
            self.wanted |= frozenset(wanted)
            if {"postgres", "mlflow"} & self.wanted:
                self._house.cluster()
            for service in ("s3", "mlflow"):  # in this order they are loaded
                if service in self.wanted:
                    self._house.zygote(service)
                    self._listen(service)
        if "postgres" in wanted:
            found |= addresses.metadata(self._house.cluster().url(self._database("airflow")))
        if "mlflow" in wanted:
            found |= addresses.tracking(self._url("mlflow"))
        if "s3" in wanted:
            found |= addresses.objects(self._url("s3"))
        return found

    def start(self, check: Check, progress: Progress) -> None:
        """Bring up whatever is wanted and not up yet, side by side; return when all answer.

        Raises:
            UnavailableError: one of them does not come up.
        """
        makers = {"postgres": self._metadata, "mlflow": self._mlflow, "s3": self._object_store}
        with self._lock:
            missing = [service for service in SERVICES if service in self.wanted - self._ready]
            makers = {service: makers[service] for service in missing}
            for service in side_by_side(makers, check, progress):
                self._ready.add(service)

    def reset(self, check: Check, progress: Progress) -> None:
        """Return to clean state at the same addresses."""
        with self._lock:
            self._stop()
        self.start(check, progress)

    def close(self) -> None:
        """Stop the servers and drop what they stored."""
        with self._lock:
            self._stop()
            for listener in self._listeners.values():
                listener.close()
            if (cluster := self._house.running_cluster()) is not None:
                for kind in ("airflow", "mlflow"):
                    databases.drop(cluster, self._database(kind))

    def _stop(self) -> None:
        for server in self._running.values():
            server.stop()
        self._running.clear()
        self._ready.clear()
        shutil.rmtree(self._artifacts, ignore_errors=True)

    @property
    def _artifacts(self) -> str:
        return str(self._house.place.scratch / f"artifacts-{self._name}")

    def _database(self, kind: str) -> str:
        return f"{kind}_{self._name}"

    def _listen(self, service: str) -> None:
        if service not in self._listeners:
            self._listeners[service] = socket.create_server(("127.0.0.1", 0), backlog=512)

    def _url(self, service: str) -> str:
        return f"http://127.0.0.1:{self._listeners[service].getsockname()[1]}"

    def _metadata(self, _check: Check, progress: Progress) -> None:
        house = self._house

        def build(name: str) -> None:
            progress("Migrating Airflow's database, once for these versions (10 to 30 s)")
            log = house.place.logs / "airflow-migrate.log"
            migrate_airflow(house.cluster().url(name), house.environ, log, sys.executable)

        template = house.templates().ensure("airflow", build)
        databases.copy(house.cluster(), template, self._database("airflow"))

    def _object_store(self, check: Check, progress: Progress) -> None:
        progress("Starting the object store")
        self._serve("s3", {}, check).ask(f"GET {addresses.OBJECTS_PROBE}", check)

    def _mlflow(self, check: Check, progress: Progress) -> None:
        progress("Starting MLflow")
        house = self._house
        house.zygote("mlflow").wait_loaded(check)

        def build(name: str) -> None:
            progress("Migrating MLflow's database, once for these versions (10 to 30 s)")
            self._migrate_mlflow(name, check)

        database = self._database("mlflow")
        databases.copy(house.cluster(), house.templates().ensure("mlflow", build), database)
        server = self._serve("mlflow", self._mlflow_settings(database), check)
        server.ask(f"GET {addresses.MLFLOW_PROBE}", check)

    def _migrate_mlflow(self, database: str, check: Check) -> None:
        """Let the real server fill an empty database.

        The default experiment is not kept: it names an artifact root, and those differ.
        """
        house = self._house
        log = house.place.logs / "mlflow-migrate.log"
        settings = self._mlflow_settings(database)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            server = Server(house.zygote("mlflow"), listener, settings, log, check)
            try:
                server.ask(f"GET {addresses.MLFLOW_PROBE}", check)
            finally:
                server.stop()
        with house.cluster().cursor(database) as cursor:
            cursor.execute("DELETE FROM experiments")

    def _mlflow_settings(self, database: str) -> dict[str, str]:
        url = self._house.cluster().url(database)
        if "s3" not in self.wanted:
            return mlflow_server.settings(url, self._artifacts, proxied=True)
        root = f"s3://{addresses.ARTIFACT_BUCKET}"
        settings = mlflow_server.settings(url, root, proxied=False)
        return settings | dict(addresses.objects(self._url("s3")))

    def _serve(self, service: str, settings: dict[str, str], check: Check) -> Server:
        log = self._house.place.logs / f"{service}-{self._name}.log"
        zygote = self._house.zygote(service)
        server = Server(zygote, self._listeners[service], settings, log, check)
        self._running[service] = server
        return server
