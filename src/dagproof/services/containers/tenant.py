"""One tenancy in containers: databases of its own, an MLflow and an object store of its own."""

import threading
from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any, Final

from dagproof.model import Environment, Progress, UnavailableError
from dagproof.services import addresses, databases
from dagproof.services.containers.box import Box
from dagproof.services.containers.engine import Recipe
from dagproof.services.parties import Check, side_by_side
from dagproof.services.sentences import SERVICES
from dagproof.services.templates import migrate_airflow

if TYPE_CHECKING:
    from dagproof.services.containers.house import ContainerHouse

_PORT: Final = 5000
_ARTIFACTS: Final = "/tmp/artifacts"  # noqa: S108  in the container
_OK: Final = 200


class ContainerTenant:
    """The containers of one client, or of those that share what `up` keeps warm.

    Args:
        house: what all tenants share.
        name: unique in the house.
        client: what the client says of itself.
    """

    def __init__(self, house: "ContainerHouse", name: str, client: Mapping[str, Any]) -> None:
        self._house = house
        self._name = name
        self._client = client
        self._lock = threading.Lock()
        self._boxes: dict[str, Box] = {}
        self._ready: set[str] = set()
        self._found: dict[str, dict[str, str]] = {}
        self.wanted: frozenset[str] = frozenset()

    @property
    def is_kept(self) -> bool:
        """Whether it is the one that `up` keeps."""
        return self._name.startswith("up")

    def taken_by(self, client: Mapping[str, Any]) -> "ContainerTenant":
        """Return it, with nothing in it, for another client, whose Airflow may be another."""
        self._client = client
        self._ready.discard("postgres")
        return self

    @property
    def environment(self) -> Environment:
        """What reaches the services that are open."""
        return {name: value for each in self._found.values() for name, value in each.items()}

    def open(self, wanted: Collection[str], check: Check, progress: Progress) -> Environment:
        """Start what is wanted, and return its environment: it may still be warming up."""
        with self._lock:
            new = frozenset(wanted) - self.wanted
            if "s3" in new and "mlflow" in self._boxes:  # which keeps its artifacts elsewhere
                self._forget("mlflow")
                new |= {"mlflow"}
            if {"postgres", "mlflow"} & new:
                self._house.cluster(check, progress)
            for service in ("s3", "mlflow", "postgres"):  # MLflow is told where S3 is
                if service in new:
                    self._open(service, check, progress)
                    self.wanted |= {service}
        found = {service: self._found[service] for service in SERVICES if service in wanted}
        return {name: value for each in found.values() for name, value in each.items()}

    def _open(self, service: str, check: Check, progress: Progress) -> None:
        if service == "postgres":
            url = self._house.cluster(check, progress).url(self._database("airflow"))
            self._found[service] = dict(addresses.metadata(url))
        elif service == "s3":
            box = self._start("s3", self._object_store(progress))
            self._found[service] = dict(addresses.objects(box.url))
        else:
            self._copy("mlflow", check, progress)
            box = self._start("mlflow", self._mlflow(self._database("mlflow"), check, progress))
            self._found[service] = dict(addresses.tracking(box.url))

    def _start(self, service: str, recipe: Recipe) -> Box:
        box = self._boxes[service] = self._house.engine().start(recipe)
        return box

    def start(self, check: Check, progress: Progress) -> None:
        """Return when whatever is wanted answers, and is empty.

        Raises:
            UnavailableError: one of them does not come up.
        """
        makers = {"postgres": self._metadata, "mlflow": self._tracking, "s3": self._objects}
        with self._lock:
            missing = [service for service in SERVICES if service in self.wanted - self._ready]
            chosen = {service: makers[service] for service in missing}
            for service in side_by_side(chosen, check, progress):
                self._ready.add(service)

    def reset(self, check: Check, progress: Progress) -> None:
        """Return to clean state at the same addresses."""
        with self._lock:
            self._ready.clear()
            if "mlflow" in self.wanted:
                self._empty_mlflow(check, progress)
        self.start(check, progress)

    def close(self) -> None:
        """Empty it and let it wait for the next client, or remove it."""
        if self.is_kept or not self._boxes or not self._house.is_warm:
            self.destroy()
            return
        try:
            self.reset(lambda: None, lambda _: None)
        except UnavailableError:
            self.destroy()
            return
        if not self._house.take_back(self):
            self.destroy()

    def destroy(self) -> None:
        """Remove the containers and drop the databases."""
        with self._lock:
            for service in list(self._boxes):
                self._forget(service)
            if (cluster := self._house.running_cluster()) is not None:
                for kind in ("airflow", "mlflow"):
                    databases.drop(cluster, self._database(kind))

    def _forget(self, service: str) -> None:
        self._boxes.pop(service).remove()
        self._ready.discard(service)
        self.wanted -= {service}

    def _database(self, kind: str) -> str:
        return f"{kind}_{self._name}"

    def _metadata(self, check: Check, progress: Progress) -> None:
        house = self._house
        cluster = house.cluster(check, progress)

        def build(name: str) -> None:
            progress("Migrating Airflow's database, once for these versions (10 to 30 s)")
            log = house.place.logs / "airflow-migrate.log"
            migrate_airflow(cluster.url(name), house.environ, log, self._client["python"])

        template = cluster.template(f"airflow_{self._client['versions']}", build)
        databases.copy(cluster, template, self._database("airflow"))

    def _tracking(self, check: Check, _progress: Progress) -> None:
        self._boxes["mlflow"].wait(addresses.MLFLOW_PROBE, check)

    def _objects(self, check: Check, _progress: Progress) -> None:
        box = self._boxes["s3"]
        box.wait("/moto-api/", check)
        for method, path in (
            ("POST", "/moto-api/reset"),
            ("PUT", f"/{addresses.DATA_BUCKET}"),
            ("PUT", f"/{addresses.ARTIFACT_BUCKET}"),
        ):
            if (status := box.request(method, path)) != _OK:
                raise box.failure(f"The object store answers {status} to `{method} {path}`.")

    def _copy(self, kind: str, check: Check, progress: Progress) -> None:
        """Make MLflow's database, as it is when nothing has been logged."""
        cluster = self._house.cluster(check, progress)

        def build(name: str) -> None:
            progress("Migrating MLflow's database, once for this image (10 to 30 s)")
            box = self._house.engine().start(self._mlflow(name, check, progress, alone=True))
            try:
                box.wait(addresses.MLFLOW_PROBE, check)
            finally:
                box.remove()

        template = cluster.template(self._mlflow_template(progress), build)
        databases.copy(cluster, template, self._database(kind))

    def _mlflow_template(self, progress: Progress) -> str:
        image = self._house.image("mlflow", progress)
        digest: str = self._house.engine().images.get(image).id.rpartition(":")[2]
        kind = "s3" if "s3" in self._boxes else "files"
        return f"mlflow_{digest[:12]}_{kind}"

    def _empty_mlflow(self, check: Check, progress: Progress) -> None:
        self._copy("mlflow", check, progress)
        if "s3" not in self._boxes:
            self._boxes["mlflow"].carry_out(["rm", "-rf", _ARTIFACTS])

    def _mlflow(
        self, database: str, check: Check, progress: Progress, *, alone: bool = False
    ) -> Recipe:
        """Return what MLflow is started from; `alone` at no address that anybody knows."""
        url = self._house.cluster(check, progress).url_inside(database)
        environment = {
            "MLFLOW_BACKEND_STORE_URI": url,
            "MLFLOW_DISABLE_TELEMETRY": "true",
            "MLFLOW_SERVER_ALLOWED_HOSTS": "*",
            "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false",
        }
        command = ["--host", "0.0.0.0", "--port", str(_PORT), "--workers", "1"]  # noqa: S104
        if "s3" in self._boxes:
            store = addresses.objects(f"http://{self._alias('s3')}:{_PORT}")
            environment |= {name: store[name] for name in store if not name.startswith("AIRFLOW")}
            command += ["--no-serve-artifacts"]
            command += ["--default-artifact-root", f"s3://{addresses.ARTIFACT_BUCKET}"]
        else:
            command += ["--serve-artifacts", "--artifacts-destination", _ARTIFACTS]
        return Recipe(
            "mlflow",
            self._house.image("mlflow", progress),
            command,
            environment,
            _PORT,
            entrypoint=("mlflow", "server"),
            host_port=0 if alone else self._fixed(self._house.plan.mlflow_port),
            alias=f"building-{self._name}" if alone else self._alias("mlflow"),
        )

    def _object_store(self, progress: Progress) -> Recipe:
        return Recipe(
            "s3",
            self._house.image("s3", progress),
            ["-H", "0.0.0.0", "-p", str(_PORT)],  # noqa: S104
            {},
            _PORT,
            entrypoint=("moto_server",),
            host_port=self._fixed(self._house.plan.s3_port),
            alias=self._alias("s3"),
        )

    def _alias(self, service: str) -> str:
        return f"{service}-{self._name}"

    def _fixed(self, port: int) -> int:
        """Return the port that was asked for, which only one tenant can have: that of `up`."""
        return port if self.is_kept else 0
