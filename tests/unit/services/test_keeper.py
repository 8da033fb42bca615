"""Who comes, who goes, and when the keeper ends."""

import socket
import threading
import time
from typing import ClassVar

import pytest

from dagproof.model import UnavailableError
from dagproof.services import keeper as keeper_module
from dagproof.services.keeper import Keeper
from dagproof.services.places import Place
from dagproof.services.talk import Talk
from dagproof.services.wire import Wire


class FakeHouse:
    """Runs until it is left."""

    def __init__(self):
        self.warm = False
        self.left = threading.Event()
        self.closed = False

    def run(self):
        assert self.left.wait(30)

    def leave(self):
        self.left.set()

    def close(self):
        self.closed = True

    def tenant(self, name, client):
        return FakeTenant(name, client)

    def keep_warm(self, client, wanted):
        self.warm = True

    def cool(self):
        self.warm = False


class FakeTenant:
    """Writes down what is asked of it."""

    made: ClassVar[list["FakeTenant"]] = []
    trouble: str | None = None

    def __init__(self, name, client):
        self.client = client
        self.name = name
        self.wanted = frozenset()
        self.events = []
        FakeTenant.made.append(self)

    def open(self, wanted, check, progress):
        self.wanted |= frozenset(wanted)
        return {"NAME": self.name}

    def start(self, check, progress):
        progress("Starting")
        if FakeTenant.trouble == "wait":
            while True:
                check()
                time.sleep(0.01)
        if FakeTenant.trouble:
            raise UnavailableError(FakeTenant.trouble)
        self.events.append("start")

    def reset(self, check, progress):
        self.events.append("reset")

    def close(self):
        self.events.append("close")


@pytest.fixture
def place(tmp_path, monkeypatch):
    FakeTenant.made = []
    FakeTenant.trouble = None
    monkeypatch.setattr(keeper_module.signal, "signal", lambda *_: None)
    monkeypatch.chdir(tmp_path)  # a relative path is short enough for a socket
    return Place(tmp_path, type(tmp_path)("k.sock"))


@pytest.fixture
def running(place):
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(str(place.socket))
    listener.listen()
    keeper = Keeper(place, listener, FakeHouse())
    thread = threading.Thread(target=keeper.run, daemon=True)
    thread.start()
    yield thread
    keeper._house.leave()
    thread.join(5)
    listener.close()


dialled: list[Wire] = []


@pytest.fixture(autouse=True)
def _hang_up():
    yield
    while dialled:
        dialled.pop().close()


def dial(place, **request):
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(place.socket))
    wire = Wire(connection)
    dialled.append(wire)
    wire.send(request)
    return wire


def lease(place, *, fresh=False):
    return dial(place, op="lease", wanted=["postgres"], fresh=fresh, client={})


def until(wire, key):
    while (message := wire.receive(5)) is not None:
        if key in message:
            return message[key]
    return None


def test_the_keeper_ends_when_the_last_client_hangs_up(place, running):
    one, two = lease(place), lease(place)
    assert until(one, "ready")
    assert until(two, "ready")
    one.close()
    time.sleep(0.1)
    assert running.is_alive()
    two.close()
    running.join(5)

    assert not running.is_alive()
    assert not place.socket.exists()
    assert [tenant.events for tenant in FakeTenant.made] == [["start", "close"]] * 2


def test_each_client_has_a_tenancy_of_its_own(place, running):
    one, two = lease(place), lease(place)

    assert until(one, "environment") != until(two, "environment")


def test_a_client_that_says_bye_hears_the_end_of_what_it_held(place, running):
    other, wire = lease(place), lease(place)
    until(wire, "ready")
    wire.send({"op": "bye"})

    assert wire.receive(5) is None
    assert running.is_alive()
    assert not other.peer_has_gone()


def test_reset_is_answered_when_it_is_done(place, running):
    wire = lease(place)
    wire.send({"op": "reset"})

    assert until(wire, "reset")
    assert FakeTenant.made[0].events == ["start", "reset"]


def test_progress_and_a_refusal_reach_the_client(place, running):
    FakeTenant.trouble = "It does not start."
    heard = []
    talk = Talk(place, lease(place), heard.append)

    with pytest.raises(UnavailableError, match=r"^It does not start\.$"):
        talk.until("ready", 5)
    assert heard == ["Starting"]


def test_a_client_that_dies_while_servers_start_ends_the_start(place, running):
    FakeTenant.trouble = "wait"
    wire = lease(place)
    until(wire, "environment")
    wire.close()
    running.join(5)

    assert not running.is_alive()
    assert FakeTenant.made[0].events == ["close"]


def test_an_unforeseen_error_reaches_the_client_as_a_sentence(place, running, monkeypatch):
    monkeypatch.setattr(FakeTenant, "start", lambda *_: 1 / 0)
    talk = Talk(place, lease(place), print)

    with pytest.raises(
        UnavailableError, match=r"The keeper of the services failed: ZeroDiv.*keeper\.log"
    ):
        talk.until("ready", 5)


def test_what_up_keeps_is_joined_by_later_clients_and_survives_them(place, running):
    assert until(dial(place, op="up", wanted=["postgres"], client={}), "ready")
    kept = FakeTenant.made[0]
    wire = lease(place)
    joined = until(wire, "environment")
    wire.close()
    time.sleep(0.1)

    assert joined == {"NAME": kept.name}
    assert "close" not in kept.events
    assert running.is_alive()


def test_a_fresh_lease_is_apart_from_what_up_keeps(place, running):
    assert until(dial(place, op="up", wanted=["postgres"], client={}), "ready")

    assert until(lease(place, fresh=True), "environment") != {"NAME": FakeTenant.made[0].name}


def test_down_ends_what_up_keeps_and_then_the_keeper(place, running):
    assert until(dial(place, op="up", wanted=["postgres"], client={}), "ready")
    assert until(dial(place, op="status"), "status")["kept"] == ["postgres"]
    wire = dial(place, op="down")

    assert until(wire, "down") is True
    wire.close()
    running.join(5)
    assert not running.is_alive()
    assert FakeTenant.made[0].events == ["start", "close"]


def test_an_up_that_fails_keeps_nothing(place, running):
    FakeTenant.trouble = "It does not start."
    wire = dial(place, op="up", wanted=["postgres"], client={})

    assert until(wire, "error")
    wire.close()
    running.join(5)
    assert not running.is_alive()


def test_down_without_up_says_so_and_leaves_others_alone(place, running):
    other = lease(place)
    until(other, "ready")

    assert until(dial(place, op="down"), "down") is False
    assert not other.peer_has_gone()


def test_a_keeper_that_dies_is_told_with_the_end_of_its_log(place):
    place.logs.mkdir()
    (place.logs / "keeper.log").write_text("Killed")
    here, there = map(Wire, socket.socketpair())
    there.close()
    dialled.append(here)

    with pytest.raises(UnavailableError, match=r"has died\.[\s\S]*Killed"):
        Talk(place, here, print).until("ready", 5)


def test_a_keeper_that_says_nothing_is_a_timeout_in_one_sentence(place):
    here, there = map(Wire, socket.socketpair())
    dialled.extend([here, there])

    with pytest.raises(UnavailableError, match="did not answer in 0 s"):
        Talk(place, here, print).until("ready", 0.05)
