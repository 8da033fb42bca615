"""Says what stands behind the services of a repository, and which of them its runs get."""

import os

from dagproof import services
from dagproof.config import Settings
from dagproof.model import Progress


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
