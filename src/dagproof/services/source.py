"""Which services stand behind a run: those of this machine, containers, or ones that are there."""

from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from typing import Any

from dagproof.model import Containers, Progress, UsageError
from dagproof.services.lease import containers_kind, embedded, embedded_kind, lease
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
            UsageError: no such service.
            UnavailableError: a server does not start, or is not ours to use.
        """
        if self.backend == "embedded":
            return embedded(wanted, fresh=fresh, progress=progress)
        return lease(self.kind(), wanted, fresh=fresh, progress=progress)

    def kind(self) -> Kind:
        """Return whose services they are.

        Raises:
            UsageError: nobody keeps them.
        """
        if self.backend == "containers":
            return containers_kind(self.containers)
        return embedded_kind()


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
