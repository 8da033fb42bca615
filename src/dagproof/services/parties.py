"""What the keeper asks of a kind of services: a house that all share, a tenant for each client."""

import contextlib
from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Any, Protocol

from dagproof.model import Environment, Progress

Check = Callable[[], None]
"""Called often while something is waited for; raises to end the wait."""


class Cluster(Protocol):
    """A running Postgres in which we may do what we like."""

    def cursor(self, database: str = "postgres") -> contextlib.AbstractContextManager[Any]:
        """Yield a cursor that commits each statement."""

    def url(self, database: str) -> str:
        """Return a database's address, with the driver that Airflow and MLflow use."""


class Tenant(Protocol):
    """The servers of one client, or of those that share what `up` keeps warm."""

    wanted: frozenset[str]

    def open(self, wanted: Collection[str], check: Check, progress: Progress) -> Environment:
        """Return the environment of some services, whose addresses are final from now on."""

    def start(self, check: Check, progress: Progress) -> None:
        """Bring up whatever is wanted and not up yet; return when all answer."""

    def reset(self, check: Check, progress: Progress) -> None:
        """Return to clean state at the same addresses."""

    def close(self) -> None:
        """Give back what it holds."""


class House(Protocol):
    """What all tenants of a keeper share."""

    def run(self) -> None:
        """Stay until told to leave."""

    def leave(self) -> None:
        """End `run`."""

    def close(self) -> None:
        """Stop everything."""

    def tenant(self, name: str, client: Mapping[str, Any]) -> Tenant:
        """Return a tenant with nothing in it.

        Args:
            name: unique in the house.
            client: what the client says of itself.
        """

    def keep_warm(self, client: Mapping[str, Any], wanted: Collection[str]) -> None:
        """Get ready for tenants to come that want some services, until `cool`."""

    def cool(self) -> None:
        """Stop what only waits for tenants."""


def side_by_side(
    makers: Mapping[str, Callable[[Check, Progress], None]], check: Check, progress: Progress
) -> Iterator[str]:
    """Make several things at once; yield the name of each that is made, in the order given.

    Raises:
        Exception: what the first that fails raises, when all others have ended.
    """
    if not makers:
        return
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(len(makers)) as pool:
        started = {name: pool.submit(make, check, progress) for name, make in makers.items()}
    for name, future in started.items():
        future.result()
        yield name
