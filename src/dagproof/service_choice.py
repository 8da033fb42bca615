"""Says what stands behind the services of a repository, and which of them its runs get."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager

from dagproof import services
from dagproof.config import Settings
from dagproof.import_audit.refusals import allowed
from dagproof.model import Kind, Progress


def chosen_source(settings: Settings, backend: str | None) -> services.Source:
    """Return what stands behind the services.

    Raises:
        UsageError: the environment names no backend that there is.
    """
    return services.chosen(os.environ, backend, settings.backend, settings.containers)


def wanted_services(
    settings: Settings, source: services.Source, progress: Progress
) -> tuple[str, ...]:
    """Return the services that the repository lists, else those that can be had."""
    if settings.services is not None:
        return settings.services
    usual = source.usual(os.environ)
    for service in services.SERVICES:
        if service not in usual:
            progress(f"No {service} for the runs; {_way_to(service, source)} brings it")
    return usual


def _way_to(service: str, source: services.Source) -> str:
    if source.backend == "external":
        return f"`DAGPROOF_{service.upper()}_URL`"
    return f"`pip install 'dagproof[{service}]'`"


def fenced(settings: Settings, environment: Mapping[str, str]) -> AbstractContextManager[None]:
    """Keep MLflow in this process to its server, to this machine, and to what the settings allow.

    Args:
        settings: of the repository.
        environment: of the run, as the services and the user have made it.
    """
    lets = allowed(settings.allow, "allow")
    return services.fenced(environment, lambda url: lets.covers(Kind.MLFLOW, url))
