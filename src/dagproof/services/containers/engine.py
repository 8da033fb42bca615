"""The door to Docker: labelled containers by Testcontainers, and what dead keepers left."""

import fcntl
import os
import socket
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from dagproof.model import UnavailableError
from dagproof.services.containers.box import Box
from dagproof.services.containers.complaints import complaint, no_docker

LABEL: Final = "dagproof"
"""On everything that we start: `docker ps --filter label=dagproof`."""

_LOCK: Final = "dagproof.lock"
_HOST: Final = "dagproof.host"
_LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a container is started from.

    Attributes:
        service: what it is for.
        image: its image.
        entrypoint: the program, where the image's own is not to be trusted.
        command: arguments.
        environment: its variables.
        port: that it listens on, inside.
        host_port: on this machine; 0 for any that is free.
        alias: its name for the other containers.
    """

    service: str
    image: str
    command: Sequence[str]
    environment: Mapping[str, str]
    port: int
    entrypoint: Sequence[str] = ()
    host_port: int = 0
    alias: str = ""


class Engine:
    """Docker, as one keeper uses it.

    Args:
        lock: held for as long as the keeper lives: whose lock is free is dead.

    Raises:
        UnavailableError: there is no Docker, or it does not let us in.
    """

    def __init__(self, lock: Path) -> None:
        if find_spec("testcontainers") is None:
            raise UnavailableError(
                "`testcontainers` is not installed. Install `dagproof[containers]`, or leave out "
                "`--services containers`."
            )
        # Ryuk is an image of its own, and the keeper removes what it starts: only where asked for.
        os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
        self._lock = lock
        self._network: Any = None
        self._client = self._connect()

    @staticmethod
    def _connect() -> Any:
        from testcontainers.core.docker_client import DockerClient

        try:
            wrapped = DockerClient()
            wrapped.client.ping()
        except Exception as error:
            raise no_docker(error) from error
        return wrapped

    @property
    def images(self) -> Any:
        """The images of the daemon, as docker's SDK has them."""
        return self._client.client.images

    def start(self, recipe: Recipe) -> Box:
        """Start a container, which may still be warming up when this returns.

        Raises:
            UnavailableError: Docker does not start it.
        """
        from testcontainers.core.container import DockerContainer

        container = DockerContainer(recipe.image)
        container.with_command(list(recipe.command)).with_envs(**recipe.environment)
        container.with_network(self._joined()).with_network_aliases(recipe.alias or recipe.service)
        extra = {"entrypoint": list(recipe.entrypoint)} if recipe.entrypoint else {}
        container.with_kwargs(labels=self._labels(recipe.service), init=True, **extra)
        container.ports = {f"{recipe.port}/tcp": self._binding(recipe.host_port)}
        try:
            container.start()
            host = _LOOPBACK if self._local else container.get_container_host_ip()
            port = self._published(container, recipe.port)
        except Exception as error:
            container.stop()
            raise complaint(error, recipe.service, recipe.image, recipe.host_port) from error
        return Box(recipe.service, container, host, port)

    def _published(self, container: Any, port: int) -> int:
        """Return the port at which a container's port is reached.

        Testcontainers would wait for it on a clock that may jump; a container that has been started
        has its ports.
        """
        if not self._client.get_connection_mode().use_mapped_port:
            return port
        return int(self._client.port(container.get_container_id(), port))

    @cached_property
    def _local(self) -> bool:
        """Whether what is published on loopback reaches us: the daemon is not beside, but here."""
        from testcontainers.core.config import ConnectionMode

        client = self._client
        if client.get_connection_mode() is ConnectionMode.docker_host:
            return bool(client.host() in {"localhost", _LOOPBACK})
        return bool(client.client.info().get("Name") == socket.gethostname())

    def _binding(self, port: int) -> Any:
        """Return where a port is published: for us alone, where that is enough."""
        return (_LOOPBACK, port or None) if self._local else port or None

    def _labels(self, service: str) -> dict[str, str]:
        return {LABEL: service, _LOCK: str(self._lock), _HOST: socket.gethostname()}

    def _joined(self) -> Any:
        """Return the network of all our containers, made when it is first needed."""
        from testcontainers.core.network import Network

        if self._network is None:
            network = Network(docker_network_kw={"labels": self._labels("network")})
            try:
                self._network = network.create()
            except Exception as error:
                raise complaint(error, "network", "", 0) from error
        return self._network

    def sweep(self) -> None:
        """Remove what keepers of this machine left that do not live any more, and our own.

        Raises:
            UnavailableError: Docker refuses.
        """
        docker = self._client.client
        named = {"label": [LABEL, f"{_HOST}={socket.gethostname()}"]}
        try:
            for container in docker.containers.list(all=True, filters=named, ignore_removed=True):
                with self._if_dead(container.labels.get(_LOCK, "")) as dead:
                    if dead:
                        _remove(container, force=True, v=True)
            for network in docker.networks.list(filters=named):
                with self._if_dead(network.attrs["Labels"].get(_LOCK, "")) as dead:
                    if dead:
                        _remove(network)
        except Exception as error:
            raise complaint(error, "leftovers", "", 0) from error
        self._network = None

    @contextmanager
    def _if_dead(self, lock: str) -> Iterator[bool]:
        """Say whether a keeper is dead, and keep it from rising while that counts."""
        if lock == str(self._lock):
            yield True
            return
        try:
            with Path(lock).open("rb") as held:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                yield True
        except FileNotFoundError:
            yield True
        except OSError:
            yield False


def _remove(thing: Any, **options: bool) -> None:
    from docker.errors import APIError, NotFound

    try:
        thing.remove(**options)
    except NotFound:
        return
    except APIError as error:
        if "already in progress" not in str(error):
            raise
