"""Members are started side by side, waited for, started again, and given up."""

import contextlib
import errno
import os
import signal
import socket
from typing import ClassVar

import pytest

from dagproof.cluster import deployment
from dagproof.cluster.deployment import Deployment, free_port, opened
from dagproof.cluster.member import Part
from dagproof.cluster.place import ClusterPlace
from dagproof.cluster.plan import Plan
from dagproof.cluster.postgres_broker import PostgresBroker
from dagproof.cluster.record import Record
from dagproof.model import UnavailableError, UsageError

WELL = {"api-server": "healthy", "scheduler": "healthy"}


FENCE = contextlib.nullcontext


class FakeMember:
    """A member that ends when a test says so."""

    made: ClassVar = []

    def __init__(self, part, log, restarts, fence):
        assert fence is FENCE
        self.part, self.log, self.restarts = part, log, restarts
        self.pid = 100 + len(self.made)
        self.over = False
        self.is_ready = True
        self.signals = []
        self.made.append(self)

    def ready(self):
        return self.is_ready

    def ended(self):
        return self.over

    def signal(self, sign):
        self.signals.append(sign)
        self.over = True

    def close(self):
        pass


class FakePostgres(PostgresBroker):
    """A broker that only counts."""

    def __init__(self):
        self.ended = self.looks = 0

    def worker_ended(self):
        self.ended += 1

    def look_after(self):
        self.looks += 1


@pytest.fixture
def place(tmp_path):
    place = ClusterPlace(tmp_path / "c")
    place.make()
    place.renew()
    return place


@pytest.fixture
def running(monkeypatch, place):
    """Give a deployment of two members, which has started."""
    FakeMember.made = []
    monkeypatch.setattr(deployment, "Member", FakeMember)
    monkeypatch.setattr(deployment, "health", lambda *_, **__: dict(WELL))
    record = Record("/r", 1, "http://x", "admin", "hush", "redis", "/l", "/t")
    made_of = (
        Part("scheduler", ("scheduler",)),
        Part("worker-1", ("celery", "worker"), tells=True),
    )
    found = Deployment(place, made_of, record, lambda _: None, FakePostgres(), FENCE)
    found.start()
    return found


def test_healthy_is_when_all_say_so(running, monkeypatch):
    assert running.is_healthy()

    FakeMember.made[1].is_ready = False
    assert not running.is_healthy()

    FakeMember.made[1].is_ready = True
    monkeypatch.setattr(deployment, "health", lambda *_, **__: {**WELL, "scheduler": "not seen"})
    assert not running.is_healthy()


def test_member_that_ends_before_all_are_healthy_is_told_with_its_log(running):
    FakeMember.made[0].log.write_text("Port in use\n")
    FakeMember.made[0].over = True
    with pytest.raises(UnavailableError, match=r"(?s)The scheduler has ended\..*Port in use"):
        running.is_healthy()


def test_members_that_take_too_long_are_named(running, monkeypatch, place):
    monkeypatch.setattr(deployment, "HEALTHY_SECONDS", -1)
    monkeypatch.setattr(deployment, "health", lambda *_, **__: {**WELL, "scheduler": "not seen"})
    with pytest.raises(UnavailableError, match=rf"scheduler \(not seen\).*{place.logs}"):
        running.is_healthy()
    FakeMember.made[1].is_ready = False
    with pytest.raises(UnavailableError, match="worker-1"):
        running.is_healthy()


def test_member_that_ends_is_started_again_and_the_record_says_so(running, place):
    running.write_record(3.5)
    FakeMember.made[1].over = True

    running.look_after()
    running.look_after()

    assert [one.part.name for one in FakeMember.made] == ["scheduler", "worker-1", "worker-1"]
    record = Record.read(place.record)
    assert [(one.name, one.pid, one.restarts) for one in record.members] == [
        ("scheduler", 100, 0),
        ("worker-1", 102, 1),
    ]
    assert record.seconds == 3.5
    assert (running._postgres.ended, running._postgres.looks) == (1, 2)


def test_broker_in_postgres_is_told_of_workers_that_end_and_of_nothing_else(running):
    FakeMember.made[0].over = True
    running.look_after()
    assert (running._postgres.ended, running._postgres.looks) == (0, 1)


class FakeRedis:
    """A Redis that ends when a test says so."""

    pid = 7

    def __init__(self, log):
        self.log, self.over, self.restarts = log, False, 0

    def ended(self):
        return self.over

    def start(self):
        self.over = False
        self.restarts += 1


@pytest.fixture
def redis(running, place):
    running._redis = FakeRedis(place.logs / "redis.log")
    return running._redis


def test_redis_that_ends_is_started_again_and_the_record_says_so(running, redis, place):
    redis.over = True

    running.look_after()
    running.look_after()

    [*_, found] = Record.read(place.record).members
    assert (found.name, found.pid, found.restarts) == ("redis", 7, 1)
    assert len(FakeMember.made) == 2


def test_restart_that_a_full_disk_keeps_from_being_told_is_told_when_there_is_room(
    running, place, monkeypatch
):
    running.write_record(1.0)
    room = []
    write = Record.write

    def write_if_room(record, path):
        if not room:
            raise OSError(errno.ENOSPC, "No space left on device")
        write(record, path)

    monkeypatch.setattr(Record, "write", write_if_room)
    FakeMember.made[1].over = True
    running.look_after()
    assert [one.restarts for one in Record.read(place.record).members] == [0, 0]

    room.append("some")
    running.look_after()
    assert [one.restarts for one in Record.read(place.record).members] == [0, 1]


def test_redis_that_ends_again_and_again_is_given_up(running, redis):
    redis.log.write_text("no memory")
    for _ in range(5):
        redis.over = True
        running.look_after()
    redis.over = True
    with pytest.raises(UnavailableError, match=r"(?s)redis ends again and again.*no memory"):
        running.look_after()


def test_members_that_end_again_and_again_are_given_up(running):
    def end_all():
        for _ in range(10):
            for one in FakeMember.made:
                one.over = True
                one.log.write_text("out of luck")
            running.look_after()

    with pytest.raises(UnavailableError, match=r"(?s)again and again.*out of luck"):
        end_all()
    assert len(FakeMember.made) == 2 + 5


def test_stop_asks_before_it_kills(running):
    running.stop()
    for one in FakeMember.made:
        assert one.signals == [signal.SIGTERM, signal.SIGKILL]


def test_port_that_somebody_has_is_one_sentence():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(UnavailableError, match=f"Port {port} .*Leave `--port` out"):
            free_port(port)
    assert free_port(port) == port
    assert free_port(0) > 0


def test_repository_without_dags_is_one_sentence_before_anything_starts(tmp_path, place):
    (tmp_path / "pyproject.toml").write_text('[tool.dagproof]\ndags = ["flows"]\n')
    with (
        pytest.raises(UsageError, match=rf"no dags folder at {tmp_path}/flows\."),
        opened(Plan(tmp_path, place.folder), place, pytest.fail),
    ):
        pytest.fail("there is nothing to run")


class FakeTenancy:
    """Services of which only the environment is there."""

    environment: ClassVar = {
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": "postgresql://h/d",
        "MINE": "services",
    }

    def wait(self):
        self.waited = True


def test_opened_sets_the_environment_before_airflow_is_loaded(monkeypatch, tmp_path, place):
    (tmp_path / "dags").mkdir()
    (tmp_path / "pyproject.toml").write_text(
        '[tool.dagproof]\ndags = ["dags"]\n[tool.dagproof.env]\nMINE = "repository"\nA = "1"\n'
    )
    tenancy = FakeTenancy()
    seen = {}

    class FakeSource:
        backend = "embedded"

        @contextlib.contextmanager
        def tenancy(self, wanted, *, progress, fresh):
            seen["asked"] = (tuple(wanted), fresh)
            yield tenancy
            seen["given back"] = True

    monkeypatch.setattr(deployment, "chosen_source", lambda *_: FakeSource())
    monkeypatch.setattr(deployment, "wanted_services", lambda *_: ("postgres",))
    monkeypatch.setattr(deployment, "chosen_broker", lambda *_: "postgres")
    monkeypatch.setattr(deployment, "load_components", lambda: seen.update(os.environ))
    monkeypatch.setattr(
        deployment, "make_queue", lambda url: seen.update(queue=(url, tenancy.waited))
    )
    shell = {**os.environ, "MLFLOW_REGISTRY_URI": "http://production"}
    monkeypatch.setattr(os, "environ", shell)

    with opened(Plan(tmp_path, place.folder, env={"A": "2"}), place, lambda _: None) as found:
        found.write_record()
        assert tenancy.waited
        assert "given back" not in seen

    record = Record.read(place.record)
    assert seen["asked"] == (("postgres",), True)
    assert seen["given back"]
    assert (seen["MINE"], seen["A"]) == ("repository", "2")
    assert "MLFLOW_REGISTRY_URI" not in seen, "it is the shell's"
    assert seen["AIRFLOW__CELERY__BROKER_URL"] == "sqla+postgresql://h/d"
    assert seen["queue"] == ("sqla+postgresql://h/d", True), "when the database is there"
    assert seen["AIRFLOW_HOME"] == str(place.home)
    assert record.broker == "postgres"
    assert record.password in place.passwords.read_text()
