"""What all tenancies of a keeper share: Postgres, templates and zygotes, each started once."""

import os
import queue
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import Future
from typing import Any

from dagproof.services.embedded.nursery import Zygote
from dagproof.services.embedded.postgres import Cluster
from dagproof.services.embedded.tenant import EmbeddedTenant
from dagproof.services.places import Place
from dagproof.services.templates import Templates

_MODULES = {
    "mlflow": "dagproof.services.embedded.mlflow_server",
    "s3": "dagproof.services.embedded.object_store",
}
_FOREIGN = ("AIRFLOW", "MLFLOW_", "_MLFLOW_", "AWS_", "MOTO_", "PG", "COVERAGE_", "COV_CORE_")
"""Settings of a client, which must not reach servers that others share."""


def server_environ(environ: Mapping[str, str], place: Place) -> dict[str, str]:
    """Return the environment in which servers run: a client's, without its own settings."""
    kept = {
        name: value
        for name, value in environ.items()
        if not name.startswith(_FOREIGN) and not name.lower().endswith("_proxy")
    }
    if kept.pop("PYTHONDONTWRITEBYTECODE", ""):
        # Compiling MLflow at each start would double its time, so bytecode stays with us.
        kept["PYTHONPYCACHEPREFIX"] = str(place.folder / "bytecode")
    # A fork keeps no thread of its parent, so numerical libraries may not start any.
    single = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    return kept | single | {"TMPDIR": str(place.scratch)}


class EmbeddedHouse:
    """Postgres and one zygote for each service, started at first need.

    Args:
        place: where their files go.
    """

    def __init__(self, place: Place) -> None:
        self.place = place
        self.environ = server_environ(os.environ, place)
        self._work: queue.SimpleQueue[tuple[Callable[[], Any], Future[Any]] | None]
        self._work = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._cluster: Cluster | None = None
        self._templates: Templates | None = None
        self._zygotes: dict[str, Zygote] = {}

    def run(self) -> None:
        """Start what other threads ask for, in this thread, until told to leave.

        Children die with the thread that started them, so that must be the one that lives
        longest: the main thread.
        """
        while (job := self._work.get()) is not None:
            work, future = job
            try:
                future.set_result(work())
            except Exception as error:  # noqa: BLE001  it belongs to whoever asked
                future.set_exception(error)

    def leave(self) -> None:
        """End `run`."""
        self._work.put(None)

    def close(self) -> None:
        """Stop everything."""
        for zygote in self._zygotes.values():
            zygote.close()
        if self._cluster is not None:
            self._cluster.stop()

    def tenant(self, name: str, client: Mapping[str, Any]) -> EmbeddedTenant:  # noqa: ARG002
        """Return a tenant with nothing in it; all clients are alike here."""
        return EmbeddedTenant(self, name)

    def keep_warm(self, client: Mapping[str, Any], wanted: Collection[str]) -> None:
        """Do nothing: what is loaded stays loaded, and a fork takes no time."""

    def cool(self) -> None:
        """Do nothing: nothing waits for tenants."""

    def cluster(self) -> Cluster:
        """Return the running Postgres."""
        with self._lock:
            if self._cluster is None:
                self._cluster = self._in_main_thread(self._start_cluster)
            return self._cluster

    def running_cluster(self) -> Cluster | None:
        """Return Postgres if it was started."""
        return self._cluster

    def templates(self) -> Templates:
        """Return the templates of the running Postgres."""
        cluster = self.cluster()
        with self._lock:
            if self._templates is None:
                self._templates = Templates(cluster)
                self._templates.sweep()
            return self._templates

    def zygote(self, service: str) -> Zygote:
        """Return a service's zygote, which may still be loading."""
        with self._lock:
            if service not in self._zygotes:
                self._zygotes[service] = self._in_main_thread(lambda: self._start_zygote(service))
            return self._zygotes[service]

    def _in_main_thread(self, work: Callable[[], Any]) -> Any:
        future: Future[Any] = Future()
        self._work.put((work, future))
        return future.result()

    def _start_cluster(self) -> Cluster:
        cluster = Cluster(self.place.cluster, self.place.logs / "postgres.log")
        cluster.start()
        return cluster

    def _start_zygote(self, service: str) -> Zygote:
        log = self.place.logs / f"{service}.log"
        return Zygote(service, _MODULES[service], self.environ, log)
