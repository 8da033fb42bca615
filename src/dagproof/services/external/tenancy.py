"""Holds services that exist already, for one process at a time, and cleans them for each test."""

import contextlib
import os
import threading
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Final, Protocol

from dagproof.model import DagproofError, Environment, Progress
from dagproof.services.external import holder, urls
from dagproof.services.external.metadata import MetadataDatabase
from dagproof.services.external.objects import ObjectStore
from dagproof.services.external.tracking import TrackingServer
from dagproof.services.lease import past_proxies
from dagproof.services.parties import Check, side_by_side
from dagproof.services.sentences import SERVICES, require_clients
from dagproof.services.tenancy import Tenancy, silent

_LEAVE_SECONDS: Final = 10.0


class Claim(Protocol):
    """What a tenancy does with one service."""

    def environment(self) -> Environment:
        """Return what tasks need to reach it, known without asking it."""

    def inspect(self) -> None:
        """Make sure that it answers, is empty or ours, and not in use; change nothing."""

    def prepare(self, progress: Progress, /) -> None:
        """Mark it as ours, and make it clean."""

    def reset(self, progress: Progress, /) -> None:
        """Make it clean."""

    def release(self) -> None:
        """Let others use it."""


class ExternalTenancy(Tenancy):
    """A hold on services that exist already.

    Args:
        claims: by service.
        extra: environment beside theirs.
        progress: is told what is being done.
    """

    def __init__(self, claims: Mapping[str, Claim], extra: Environment, progress: Progress) -> None:
        found = dict(extra)
        for claim in claims.values():
            found |= claim.environment()
        super().__init__(found)
        self._claims = claims
        self._progress = progress
        self._lock = threading.Lock()
        self._ready = False

    def wait(self) -> None:
        """Return when every service is ours and clean; none is touched before all were looked at.

        Raises:
            UnavailableError: one does not answer, is in use, or holds what is not ours.
        """
        with self._lock:
            if not self._ready:
                self._all(lambda claim, _progress: claim.inspect())
                self._all(lambda claim, progress: claim.prepare(progress))
                self._ready = True

    def reset(self) -> None:
        """Return to clean state at the same addresses.

        Raises:
            UnavailableError: a service does not answer any more, or somebody else took it.
        """
        self.wait()
        with self._lock:
            self._all(lambda claim, progress: claim.reset(progress))

    def close(self) -> None:
        """Let others use the services; what they hold stays for whoever wants to look."""
        waited = self._lock.acquire(timeout=_LEAVE_SECONDS)
        try:
            for claim in self._claims.values():
                # A service that has gone is in nobody's way, and the run has said so.
                with contextlib.suppress(DagproofError):
                    claim.release()
        finally:
            if waited:
                self._lock.release()

    def _all(self, act: Callable[[Claim, Progress], None]) -> None:
        def maker(claim: Claim) -> Callable[[Check, Progress], None]:
            return lambda _check, progress: act(claim, progress)

        makers = {service: maker(claim) for service, claim in self._claims.items()}
        for _ in side_by_side(makers, lambda: None, self._progress):
            pass


@contextmanager
def external(
    wanted: Collection[str] = SERVICES,
    environ: Mapping[str, str] | None = None,
    *,
    progress: Progress = silent,
) -> Iterator[Tenancy]:
    """Hold services that exist already, at the addresses in `DAGPROOF_*_URL`.

    Args:
        wanted: of `postgres`, `mlflow` and `s3`.
        environ: where the addresses are, and the credentials that they leave out; that of the
            process when None.
        progress: is told what is being done.

    Raises:
        UsageError: no such service, or one has no address, or a malformed one.
        UnavailableError: a package is missing.
    """
    environ = dict(os.environ if environ is None else environ)
    require_clients(wanted)
    us = holder.this_process(urls.worker(environ))
    claims: dict[str, Claim] = {}
    if "postgres" in wanted:
        claims["postgres"] = MetadataDatabase(urls.postgres(environ), environ, us)
    if "mlflow" in wanted:
        claims["mlflow"] = TrackingServer(urls.mlflow(environ), environ, us)
    if "s3" in wanted:
        claims["s3"] = ObjectStore(urls.s3(environ), environ, us)
    with contextlib.closing(ExternalTenancy(claims, past_proxies(environ), progress)) as tenancy:
        yield tenancy
