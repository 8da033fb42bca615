"""One cache of templates for the session, copies of it for the tests that do damage."""

import os
import subprocess
from pathlib import Path

import pytest
from integration.conftest import CHOSEN

from dagproof.model import Containers
from dagproof.services import chosen, down, embedded, status, up
from dagproof.services.lease import containers_kind, embedded_kind, lease
from dagproof.services.sentences import require


@pytest.fixture(scope="session")
def cache(tmp_path_factory):
    """Give a cache folder that holds both templates."""
    require(["postgres", "mlflow", "s3"])
    folder = tmp_path_factory.mktemp("services") / "cache"
    with embedded(cache=folder) as tenancy:
        tenancy.wait()
    return folder


@pytest.fixture
def own_cache(cache, tmp_path):
    """Give a copy that may be broken, with its owners kept: Postgres is not root."""
    copy = tmp_path / "cache"
    subprocess.run(["cp", "-a", cache, copy], check=True)
    return copy


@pytest.fixture
def processes():
    """Give a function that lists the live processes of a cache folder."""
    if not Path("/proc/self/environ").exists():
        pytest.skip("needs /proc to see processes of other sessions")

    def find(cache: Path) -> dict[int, str]:
        found = {}
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                if not command or entry.name == str(os.getpid()):
                    continue
                text = command + (entry / "environ").read_text(errors="replace")
                title = (entry / "cwd").readlink() if "postgres" in command else ""
            except OSError:
                continue
            if f"{cache}/" in text or f"{cache}/" in f"{title}/":
                found[int(entry.name)] = command
        return found

    return find


class Keeper:
    """The keeper of one kind of services, as its clients see it."""

    def __init__(self, kind, left):
        self.kind = kind
        self.left = left

    def hold(self, wanted=("postgres", "mlflow", "s3"), *, fresh=False):
        return lease(self.kind, wanted, fresh=fresh)

    def up(self, wanted):
        return up(wanted, kind=self.kind)

    def down(self):
        return down(kind=self.kind)

    def status(self):
        return status(kind=self.kind)


@pytest.fixture(scope="session")
def docker():
    """Give a client of Docker, which has to be there."""
    from docker import from_env

    client = from_env()
    client.ping()
    return client


@pytest.fixture(scope="session")
def container_kind(tmp_path_factory):
    """Give the keeper of containers in a folder of this session."""
    folder = tmp_path_factory.mktemp("containers")
    plan = chosen(os.environ, "containers", "embedded", Containers()).containers
    return containers_kind(plan, folder)


def of_keeper(docker, kind):
    """Return containers, networks and volumes that a keeper has started."""
    label = {"label": f"dagproof.lock={kind.place.keeper_lock}"}
    containers = docker.containers.list(all=True, filters=label, ignore_removed=True)
    networks = docker.networks.list(filters=label)
    return [each.name for each in (*containers, *networks)]


@pytest.fixture(params=[kind for kind in CHOSEN if kind != "external"])
def keeper(request, processes):
    """Give a keeper of each kind."""
    if request.param == "embedded":
        cache = request.getfixturevalue("cache")
        return Keeper(embedded_kind(cache), lambda: list(processes(cache).values()))
    docker = request.getfixturevalue("docker")
    kind = request.getfixturevalue("container_kind")
    return Keeper(kind, lambda: of_keeper(docker, kind))
