"""Which services stand behind a run: those of this machine, containers, or ones that are there."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from dagproof.model import Containers, Progress, UsageError
from dagproof.services.lease import containers_kind, embedded, embedded_kind, lease
from dagproof.services.sentences import SERVICES, installed, require_clients
from dagproof.services.talk import Kind
from dagproof.services.tenancy import Tenancy, silent

BACKENDS = ("embedded", "containers", "external")


@dataclass(frozen=True, slots=True)
class Source:
    """What stands behind the services.

    Attributes:
        backend: one of `BACKENDS`.
        containers: what those in containers are started from.
    """

    backend: str = "embedded"
    containers: Containers = field(default_factory=Containers)

    def tenancy(
        self, wanted: Collection[str], *, fresh: bool = False, progress: Progress = silent
    ) -> AbstractContextManager[Tenancy]:
        """Hold services for the length of a `with` block.

        Args:
            wanted: of `postgres`, `mlflow` and `s3`.
            fresh: own state even when `up` keeps some.
            progress: is told what is being done.

        Raises:
            UsageError: no such service, or an external one has no address.
            UnavailableError: a server does not start, or is not ours to use.
        """
        if self.backend == "external":
            from dagproof.services.external import external

            return external(wanted, progress=progress)
        if self.backend == "embedded":
            return embedded(wanted, fresh=fresh, progress=progress)
        require_clients(wanted)
        return lease(self.kind(), wanted, fresh=fresh, progress=progress)

    def usual(self, environ: Mapping[str, str]) -> tuple[str, ...]:
        """Return the services that can be had, where nobody says which are wanted.

        Args:
            environ: of the process, which holds the addresses of external services.
        """
        if self.backend == "external":
            named = [one for one in SERVICES if environ.get(f"DAGPROOF_{one.upper()}_URL")]
            return tuple(one for one in SERVICES if one in {"postgres", *named})
        return installed(clients=self.backend == "containers")

    def kind(self) -> Kind:
        """Return whose services they are.

        Raises:
            UsageError: nobody keeps them.
        """
        if self.backend == "external":
            raise UsageError(
                "`services up` has nothing to keep: external services are there already."
            )
        if self.backend == "containers":
            return containers_kind(self.containers)
        return embedded_kind()


def images(
    *, base: str | None = None, without_registry: bool = False, progress: Progress = silent
) -> tuple[str, ...]:
    """Build the images of containers that are not there yet, and return the names of all.

    Args:
        base: image with Python that those of MLflow and S3 are built on.
        without_registry: make them, and Postgres', from Debian packages and wheels.
        progress: is told what is being done.

    Raises:
        UnavailableError: there is no Docker, or a build fails.
    """
    from dagproof.services.containers.bootstrap import bootstrap
    from dagproof.services.containers.build import build
    from dagproof.services.containers.recipes import image_names
    from dagproof.services.containers.stock import POSTGRES

    if without_registry:
        made = bootstrap(progress)
        return made.postgres, made.mlflow, made.s3
    names = image_names()
    build(names, base=base, progress=progress)
    return POSTGRES, names.mlflow, names.s3


def chosen(
    environ: Mapping[str, str], asked: str | None, configured: str, containers: Containers
) -> Source:
    """Return the source that was asked for: on the command line, in the environment, in settings.

    Args:
        environ: of the process; `DAGPROOF_SERVICES` names a backend, `DAGPROOF_POSTGRES_IMAGE`,
            `DAGPROOF_MLFLOW_IMAGE` and `DAGPROOF_S3_IMAGE` images.
        asked: on the command line.
        configured: in the settings.
        containers: in the settings.

    Raises:
        UsageError: there is no such backend.
    """
    backend = asked or environ.get("DAGPROOF_SERVICES") or configured
    if backend not in BACKENDS:
        known = ", ".join(f"`{name}`" for name in BACKENDS)
        raise UsageError(f"`DAGPROOF_SERVICES` must be one of {known}, not `{backend}`.")
    images: dict[str, Any] = {
        f"{service}_image": environ[name]
        for service in ("postgres", "mlflow", "s3")
        if environ.get(name := f"DAGPROOF_{service.upper()}_IMAGE")
    }
    return Source(backend, replace(containers, **images))
