"""What all tenants of containers share: Docker, one Postgres, and sets that wait for tenants."""

import contextlib
import os
import threading
from collections.abc import Collection, Mapping
from typing import Any

from dagproof.model import Containers, Progress
from dagproof.services.containers.cluster import ContainerCluster
from dagproof.services.containers.engine import Engine
from dagproof.services.containers.stock import Stock
from dagproof.services.containers.tenant import ContainerTenant
from dagproof.services.embedded.house import server_environ
from dagproof.services.parties import Check
from dagproof.services.places import Place


class ContainerHouse:
    """Containers of one keeper, started at first need.

    Args:
        place: where its files go.
        plan: what they are started from.
    """

    def __init__(self, place: Place, plan: Containers) -> None:
        self.place = place
        self.plan = plan
        self.environ = server_environ(os.environ, place)
        self._left = threading.Event()
        self._lock = threading.Condition(threading.RLock())
        self._engine: Engine | None = None
        self._stock: Stock | None = None
        self._cluster: ContainerCluster | None = None
        self._idle: list[ContainerTenant] = []
        self._warm = False
        self._coming = False

    def run(self) -> None:
        """Stay until told to leave."""
        self._left.wait()

    def leave(self) -> None:
        """End `run`."""
        self._left.set()

    def close(self) -> None:
        """Remove every container and network that we started."""
        with self._lock:
            self.cool()
            if self._engine is not None:
                self._engine.sweep()

    def engine(self) -> Engine:
        """Return Docker, with nothing in it that a dead keeper left.

        Raises:
            UnavailableError: there is none, or it does not let us in.
        """
        with self._lock:
            if self._engine is None:
                engine = Engine(self.place.keeper_lock)
                engine.sweep()
                self._engine = engine
            return self._engine

    def image(self, service: str, progress: Progress) -> str:
        """Return a service's image, built or pulled if it is not there.

        Raises:
            UnavailableError: it cannot be had.
        """
        engine = self.engine()
        with self._lock:
            if self._stock is None:
                self._stock = Stock(engine.images, self.plan)
            return self._stock.ensure(service, progress)

    def cluster(self, check: Check, progress: Progress) -> ContainerCluster:
        """Return a Postgres that answers."""
        with self._lock:
            if self._cluster is None:
                image = self.image("postgres", progress)
                progress("Starting the container of Postgres")
                dumps = self.place.folder / "dumps"
                port = self.plan.postgres_port
                cluster = ContainerCluster(self.engine(), image, port, dumps)
                try:
                    cluster.wait(check)
                except BaseException:
                    cluster.remove()
                    raise
                self._cluster = cluster
            return self._cluster

    def running_cluster(self) -> ContainerCluster | None:
        """Return Postgres if it was started."""
        return self._cluster

    def tenant(self, name: str, client: Mapping[str, Any]) -> ContainerTenant:
        """Return a tenant with nothing in it: one that waits, or is about to, or a new one."""
        with self._lock:
            self._lock.wait_for(lambda: self._idle or not self._coming)
            if name.startswith("up") or not self._idle:
                return ContainerTenant(self, name, client)
            return self._idle.pop().taken_by(client)

    @property
    def is_warm(self) -> bool:
        """Whether tenants wait for clients to come."""
        return self._warm

    def take_back(self, tenant: ContainerTenant) -> bool:
        """Let a tenant wait for the next client; say whether it shall."""
        with self._lock:
            if not self._warm or tenant.is_kept:
                return False
            self._idle.append(tenant)
            self._lock.notify_all()
            return True

    def keep_warm(self, client: Mapping[str, Any], wanted: Collection[str]) -> None:
        """Start a set of containers that waits for the first client, since that takes seconds."""
        with self._lock:
            if self._warm:
                return
            self._warm = self._coming = True
        threading.Thread(target=self._start_spare, args=(client, wanted), daemon=True).start()

    def _start_spare(self, client: Mapping[str, Any], wanted: Collection[str]) -> None:
        spare = ContainerTenant(self, "spare", client)
        try:
            spare.open(wanted, self._check_warm, _silent)
            spare.start(self._check_warm, _silent)
        except Exception:  # noqa: BLE001  whoever needs it meets the same, and is told
            with contextlib.suppress(Exception):
                spare.destroy()
        else:
            if not self.take_back(spare):
                spare.destroy()
        finally:
            with self._lock:
                self._coming = False
                self._lock.notify_all()

    def _check_warm(self) -> None:
        if not self._warm:
            raise InterruptedError

    def cool(self) -> None:
        """Remove what only waits for tenants."""
        with self._lock:
            self._warm = False
            idle, self._idle = self._idle, []
        for tenant in idle:
            tenant.destroy()


def _silent(_sentence: str) -> None:
    return
