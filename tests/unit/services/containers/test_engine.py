"""What is started, and whose leftovers are removed."""

import fcntl
import socket
import sys
from types import SimpleNamespace

import pytest
from docker.errors import APIError, NotFound
from testcontainers.core import container as tc_container
from testcontainers.core import docker_client, network
from testcontainers.core.config import ConnectionMode

from dagproof.model import UnavailableError
from dagproof.services.containers import engine as engine_module
from dagproof.services.containers.engine import Engine, Recipe

HOST = socket.gethostname()


class Thing:
    """A container or a network that a daemon has."""

    def __init__(self, lock, *, host=HOST, trouble=None):
        self.labels = {"dagproof": "s3", "dagproof.lock": str(lock), "dagproof.host": host}
        self.attrs = {"Labels": self.labels}
        self.trouble = trouble
        self.removed = None

    def remove(self, **options):
        if self.trouble:
            raise self.trouble
        self.removed = options


class Shelf:
    """A list that is filtered as the daemon filters it."""

    def __init__(self):
        self.things = []

    def list(self, *, filters, **_):
        def has(thing, label):
            name, equals, value = label.partition("=")
            return name in thing.labels and (not equals or thing.labels[name] == value)

        return [each for each in self.things if all(has(each, one) for one in filters["label"])]


class FakeClient:
    """What Testcontainers makes of docker's SDK."""

    trouble = None
    mode = ConnectionMode.docker_host
    name = HOST

    def __init__(self):
        self.client = SimpleNamespace(
            ping=self.ping,
            containers=Shelf(),
            networks=Shelf(),
            images="images",
            info=lambda: {"Name": FakeClient.name},
        )

    def ping(self):
        if FakeClient.trouble:
            raise FakeClient.trouble

    def get_connection_mode(self):
        return FakeClient.mode

    def host(self):
        return "localhost"

    def port(self, container_id, port):
        assert container_id == "id"
        return str(32000 + port)


class FakeContainer:
    """What is configured, and whether it was started and stopped."""

    made = []  # noqa: RUF012
    trouble = None

    def __init__(self, image):
        self.image = image
        self.env = {}
        self.events = []
        FakeContainer.made.append(self)

    def with_command(self, command):
        self.command = command
        return self

    def with_envs(self, **env):
        self.env = env
        return self

    def with_network(self, network):
        self.network = network
        return self

    def with_network_aliases(self, *aliases):
        self.aliases = aliases
        return self

    def with_kwargs(self, **extra):
        self.extra = extra
        return self

    def start(self):
        self.events.append("start")
        if FakeContainer.trouble:
            raise FakeContainer.trouble

    def stop(self):
        self.events.append("stop")

    def get_container_host_ip(self):
        return "172.17.0.1"

    def get_container_id(self):
        return "id"


class FakeNetwork:
    """A network that remembers its labels."""

    made = []  # noqa: RUF012
    trouble = None

    def __init__(self, docker_network_kw):
        self.labels = docker_network_kw["labels"]

    def create(self):
        if FakeNetwork.trouble:
            raise FakeNetwork.trouble
        FakeNetwork.made.append(self)
        return self


@pytest.fixture(autouse=True)
def _fakes(monkeypatch):
    FakeContainer.made, FakeNetwork.made = [], []
    monkeypatch.setattr(docker_client, "DockerClient", FakeClient)
    monkeypatch.setattr(tc_container, "DockerContainer", FakeContainer)
    monkeypatch.setattr(network, "Network", FakeNetwork)
    for name, value in (("trouble", None), ("mode", ConnectionMode.docker_host), ("name", HOST)):
        monkeypatch.setattr(FakeClient, name, value)
    monkeypatch.setattr(FakeContainer, "trouble", None)
    monkeypatch.setattr(FakeNetwork, "trouble", None)
    monkeypatch.delenv("TESTCONTAINERS_RYUK_DISABLED", raising=False)


@pytest.fixture
def engine(tmp_path):
    lock = tmp_path / "keeper.lock"
    lock.touch()
    return Engine(lock)


RECIPE = Recipe("s3", "ours/s3:1", ["-p", "5000"], {"A": "1"}, 5000, ("moto_server",), 0, "s3-1")


def test_a_container_is_started_with_labels_that_find_it_again(engine, tmp_path):
    box = engine.start(RECIPE)
    (made,) = FakeContainer.made
    labels = {
        "dagproof": "s3",
        "dagproof.lock": str(tmp_path / "keeper.lock"),
        "dagproof.host": HOST,
    }

    assert (box.service, box.host, box.port) == ("s3", "127.0.0.1", 37000)
    assert made.extra == {"labels": labels, "init": True, "entrypoint": ["moto_server"]}
    assert (made.command, made.env, made.aliases) == (["-p", "5000"], {"A": "1"}, ("s3-1",))
    assert made.ports == {"5000/tcp": ("127.0.0.1", None)}
    assert FakeNetwork.made[0].labels == {**labels, "dagproof": "network"}


def test_all_containers_share_one_network(engine):
    engine.start(RECIPE)
    engine.start(RECIPE)

    assert len(FakeNetwork.made) == 1
    assert {id(made.network) for made in FakeContainer.made} == {id(FakeNetwork.made[0])}


@pytest.mark.parametrize(
    ("mode", "name", "binding", "host"),
    [
        (ConnectionMode.gateway_ip, HOST, ("127.0.0.1", 9000), "127.0.0.1"),
        (ConnectionMode.gateway_ip, "elsewhere", 9000, "172.17.0.1"),
        (ConnectionMode.bridge_ip, "elsewhere", 9000, "172.17.0.1"),
    ],
    ids=["daemon in our own container", "daemon beside our container", "no ports wanted"],
)
def test_a_port_is_open_to_others_only_where_we_need_that(
    engine, monkeypatch, mode, name, binding, host
):
    monkeypatch.setattr(FakeClient, "mode", mode)
    monkeypatch.setattr(FakeClient, "name", name)
    recipe = Recipe("s3", "i", [], {}, 5000, host_port=9000)

    box = engine.start(recipe)

    assert box.host == host
    assert box.port == (5000 if mode is ConnectionMode.bridge_ip else 37000)
    assert FakeContainer.made[0].ports == {"5000/tcp": binding}
    assert FakeContainer.made[0].aliases == ("s3",)
    assert "entrypoint" not in FakeContainer.made[0].extra


def test_a_container_that_does_not_start_is_removed_and_told(engine, monkeypatch):
    monkeypatch.setattr(FakeContainer, "trouble", APIError("port is already allocated"))

    with pytest.raises(UnavailableError, match="The port 9000 for s3 is in use"):
        engine.start(Recipe("s3", "i", [], {}, 5000, host_port=9000))
    assert FakeContainer.made[0].events == ["start", "stop"]


def test_a_network_that_cannot_be_made_is_told(engine, monkeypatch):
    monkeypatch.setattr(FakeNetwork, "trouble", APIError("all predefined address pools are full"))

    with pytest.raises(UnavailableError, match="does not start network: all predefined"):
        engine.start(RECIPE)


def test_ryuk_is_off_unless_asked_for(tmp_path, monkeypatch):
    import os

    Engine(tmp_path / "lock")
    assert os.environ["TESTCONTAINERS_RYUK_DISABLED"] == "true"

    monkeypatch.setenv("TESTCONTAINERS_RYUK_DISABLED", "false")
    Engine(tmp_path / "lock")
    assert os.environ["TESTCONTAINERS_RYUK_DISABLED"] == "false"


def test_without_docker_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr(FakeClient, "trouble", APIError("Connection refused"))

    with pytest.raises(UnavailableError, match="Docker does not answer"):
        Engine(tmp_path / "lock")


def test_without_testcontainers_there_is_one_sentence(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "testcontainers", None)
    monkeypatch.setattr(engine_module, "find_spec", lambda _: None)

    with pytest.raises(UnavailableError, match=r"Install `dagproof\[containers\]`"):
        Engine(tmp_path / "lock")


def test_leftovers_of_the_dead_go_and_those_of_the_living_stay(engine, tmp_path):
    living, dead = tmp_path / "living.lock", tmp_path / "dead.lock"
    living.touch()
    dead.touch()
    docker = engine._client.client
    ours = Thing(tmp_path / "keeper.lock")
    orphan, vanished, other = Thing(dead), Thing(tmp_path / "never.lock"), Thing(living)
    foreign = Thing(dead, host="another machine")
    docker.containers.things = [ours, orphan, vanished, other, foreign]
    docker.networks.things = [Thing(dead), Thing(living)]
    with living.open("rb") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        engine.sweep()

    gone = {"force": True, "v": True}
    assert [each.removed for each in docker.containers.things] == [gone, gone, gone, None, None]
    assert [each.removed for each in docker.networks.things] == [{}, None]


def test_after_a_sweep_the_next_container_gets_a_new_network(engine):
    engine.start(RECIPE)
    engine.sweep()
    engine.start(RECIPE)

    assert len(FakeNetwork.made) == 2


@pytest.mark.parametrize(
    "trouble", [NotFound("gone"), APIError("removal of container x is already in progress")]
)
def test_leftovers_that_somebody_else_removes_are_fine(engine, tmp_path, trouble):
    engine._client.client.containers.things = [Thing(tmp_path / "keeper.lock", trouble=trouble)]
    engine.sweep()


def test_leftovers_that_cannot_be_removed_are_told(engine, tmp_path):
    stuck = Thing(tmp_path / "keeper.lock", trouble=APIError("device or resource busy"))
    engine._client.client.containers.things = [stuck]

    with pytest.raises(UnavailableError, match="busy"):
        engine.sweep()
