"""What users of the servers call: hold a lease, ask for clean state, keep servers warm."""

import os
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagproof.model import Environment, Progress
from dagproof.services.places import place
from dagproof.services.sentences import SERVICES, require
from dagproof.services.talk import Talk, ask_if_there, conversation

_ENVIRONMENT_SECONDS = 60
_BUILD_SECONDS = 600
_RESET_SECONDS = 60
_PROXIES = ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy")
_LOCAL = ("127.0.0.1", "localhost")


def silent(_sentence: str) -> None:
    """Take a sentence of progress and say nothing."""


class Tenancy:
    """What a user of the servers holds.

    Attributes:
        environment: variables that reach the servers; complete, though the servers may still
            be warming up behind sockets that already listen.
    """

    def __init__(self, talk: Talk, environment: Environment) -> None:
        self.environment = environment
        self._talk = talk
        self._ready = False

    def wait(self, timeout: float = _BUILD_SECONDS) -> None:
        """Return when every server really answers.

        Raises:
            UnavailableError: one does not; one sentence and the end of its log.
        """
        if not self._ready:
            self._talk.until("ready", timeout)
            self._ready = True

    def reset(self) -> None:
        """Return to clean state at the same addresses: new database, empty MLflow and buckets.

        Raises:
            UnavailableError: a server does not come back.
        """
        self.wait()
        self._talk.send(op="reset")
        self._talk.until("reset", _RESET_SECONDS)


@contextmanager
def embedded(
    wanted: Collection[str] = SERVICES,
    *,
    cache: Path | None = None,
    fresh: bool = False,
    progress: Progress = silent,
) -> Iterator[Tenancy]:
    """Hold Postgres, MLflow and an object store for the length of a `with` block.

    The servers are shared with every other process of this user and Python environment, the
    state in them is not, unless `up` keeps some: then it is `up`'s.

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
    request = {"op": "lease", "wanted": sorted(wanted), "fresh": fresh}
    with conversation(place(cache), request, progress) as talk:
        found: Environment = talk.until("environment", _ENVIRONMENT_SECONDS)
        yield Tenancy(talk, {**found, **past_proxies(os.environ)})


def up(
    wanted: Collection[str] = SERVICES, *, cache: Path | None = None, progress: Progress = silent
) -> Environment:
    """Start servers that stay until `down`, and return their environment when they answer.

    Raises:
        UsageError: no such service.
        UnavailableError: a package is missing, or a server does not start.
    """
    require(wanted)
    request = {"op": "up", "wanted": sorted(wanted)}
    with conversation(place(cache), request, progress) as talk:
        found: Environment = talk.until("environment", _ENVIRONMENT_SECONDS)
        talk.until("ready", _BUILD_SECONDS)
        return {**found, **past_proxies(os.environ)}


def down(*, cache: Path | None = None) -> bool:
    """Stop what `up` started; return whether there was anything.

    Servers that somebody still uses stay until their last user leaves.
    """
    return bool(ask_if_there(place(cache), "down"))


def status(*, cache: Path | None = None) -> Mapping[str, Any] | None:
    """Return what a running keeper says of itself, or None.

    The keys are `pid`, `kept` (services that `up` keeps), `environment` (of those) and
    `clients` (how many hold a lease).
    """
    answer: Mapping[str, Any] | None = ask_if_there(place(cache), "status")
    return answer


def past_proxies(environ: Mapping[str, str]) -> Environment:
    """Return what makes HTTP clients behind a proxy reach this machine directly."""
    if not any(environ.get(name) for name in _PROXIES):
        return {}
    exempt = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    hosts = [host for host in exempt.split(",") if host]
    hosts += [host for host in _LOCAL if host not in hosts]
    return {"NO_PROXY": ",".join(hosts), "no_proxy": ",".join(hosts)}
