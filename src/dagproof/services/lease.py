"""What users of the servers call: hold a lease, ask for clean state, keep servers warm."""

import json
import os
import sys
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from dagproof.model import Containers, Environment, Progress
from dagproof.services import places
from dagproof.services.sentences import SERVICES, require, require_clients
from dagproof.services.talk import Kind, Talk, ask_if_there, conversation
from dagproof.services.tenancy import Tenancy, silent

_ENVIRONMENT_SECONDS = 60
_CONTAINERS_SECONDS = 900
"""Until the addresses are known: images may have to be built, or pulled, before that."""
_BUILD_SECONDS = 600
_RESET_SECONDS = 60
_PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_LOCAL = ("127.0.0.1", "localhost")


class LeasedTenancy(Tenancy):
    """What a client of a keeper holds; complete before the servers behind it have warmed up."""

    def __init__(self, talk: Talk, environment: Environment) -> None:
        super().__init__(environment)
        self._talk = talk
        self._ready = False

    def wait(self, timeout: float = _BUILD_SECONDS) -> None:
        """Return when every server really answers."""
        if not self._ready:
            self._talk.until("ready", timeout)
            self._ready = True

    def reset(self) -> None:
        """Return to clean state at the same addresses: new database, empty MLflow and buckets."""
        self.wait()
        self._talk.send(op="reset")
        self._talk.until("reset", _RESET_SECONDS)


def embedded_kind(cache: Path | None = None) -> Kind:
    """Return the keeper of servers that run on this machine.

    Raises:
        UnavailableError: the cache folder cannot be written.
    """
    return Kind(places.place(cache))


def containers_kind(plan: Containers, cache: Path | None = None) -> Kind:
    """Return the keeper of servers in containers.

    Every Python environment of a user shares it, if they start their containers from the same.

    Raises:
        UnavailableError: the cache folder cannot be written.
    """
    told = json.dumps(asdict(plan), sort_keys=True)
    known = {**places.shared_versions(), "containers": told, "docker": _docker_address()}
    return Kind(places.place(cache, known), "containers", told)


def _docker_address() -> str:
    return os.environ.get("DOCKER_HOST") or os.environ.get("DOCKER_CONTEXT") or ""


@contextmanager
def lease(
    kind: Kind, wanted: Collection[str], *, fresh: bool = False, progress: Progress = silent
) -> Iterator[Tenancy]:
    """Hold services for the length of a `with` block.

    The servers are shared with every other process that asks the same keeper, the state in them
    is not, unless `up` keeps some: then it is `up`'s.

    Args:
        kind: whose services.
        wanted: of `postgres`, `mlflow` and `s3`.
        fresh: own state even when `up` keeps some.
        progress: is told what is being done.

    Raises:
        UnavailableError: a server does not start.
    """
    request = {"op": "lease", "wanted": sorted(wanted), "fresh": fresh, "client": _client()}
    with conversation(kind, request, progress) as talk:
        yield LeasedTenancy(talk, _environment(kind, talk))


@contextmanager
def embedded(
    wanted: Collection[str] = SERVICES,
    *,
    cache: Path | None = None,
    fresh: bool = False,
    progress: Progress = silent,
) -> Iterator[Tenancy]:
    """Hold Postgres, MLflow and an object store that run on this machine.

    Args:
        wanted: of `postgres`, `mlflow` and `s3`.
        cache: folder to work in, in place of the user's cache.
        fresh: own state even when `up` keeps some.
        progress: is told what is being done.

    Raises:
        UsageError: no such service.
        UnavailableError: a package is missing, or a server does not start.
    """
    require(wanted)
    with lease(embedded_kind(cache), wanted, fresh=fresh, progress=progress) as tenancy:
        yield tenancy


def up(
    wanted: Collection[str] = SERVICES,
    *,
    kind: Kind | None = None,
    cache: Path | None = None,
    progress: Progress = silent,
) -> Environment:
    """Start servers that stay until `down`, and return their environment when they answer.

    Args:
        wanted: of `postgres`, `mlflow` and `s3`.
        kind: whose; those of this machine when None.
        cache: folder to work in, in place of the user's cache.
        progress: is told what is being done.

    Raises:
        UsageError: no such service.
        UnavailableError: a package is missing, or a server does not start.
    """
    kind = kind or embedded_kind(cache)
    if kind.name == "embedded":
        require(wanted)
    else:
        require_clients(wanted)
    request = {"op": "up", "wanted": sorted(wanted), "client": _client()}
    with conversation(kind, request, progress) as talk:
        found = _environment(kind, talk)
        talk.until("ready", _BUILD_SECONDS)
        return found


def down(*, kind: Kind | None = None, cache: Path | None = None) -> bool:
    """Stop what `up` started; return whether there was anything.

    Servers that somebody still uses stay until their last user leaves.
    """
    return bool(ask_if_there((kind or embedded_kind(cache)).place, "down"))


def status(*, kind: Kind | None = None, cache: Path | None = None) -> Mapping[str, Any] | None:
    """Return what a running keeper says of itself, or None.

    The keys are `pid`, `kept` (services that `up` keeps), `environment` (of those) and
    `clients` (how many hold a lease).
    """
    place = (kind or embedded_kind(cache)).place
    answer: Mapping[str, Any] | None = ask_if_there(place, "status")
    return answer


def _client() -> dict[str, str]:
    """Return what a keeper must know of us, whose Airflow need not be its own."""
    return {"python": sys.executable, "versions": places.key(places.versions())}


def _environment(kind: Kind, talk: Talk) -> Environment:
    patience = _ENVIRONMENT_SECONDS if kind.name == "embedded" else _CONTAINERS_SECONDS
    found: Environment = talk.until("environment", patience)
    return {**found, **past_proxies(os.environ)}


def past_proxies(environ: Mapping[str, str]) -> Environment:
    """Return what makes HTTP clients behind a proxy reach this machine directly."""
    if not any(environ.get(name) for name in _PROXIES):
        return {}
    exempt = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    hosts = [host for host in exempt.split(",") if host]
    hosts += [host for host in _LOCAL if host not in hosts]
    return {"NO_PROXY": ",".join(hosts), "no_proxy": ",".join(hosts)}
