"""Which broker there is, and a Redis of our own."""

import os
import shutil
import signal
import socket
import stat
import time

import pytest

from dagproof.cluster import broker
from dagproof.cluster.broker import Redis, chosen_broker
from dagproof.model import UnavailableError, UsageError


@pytest.fixture
def here(monkeypatch):
    """Say what is installed."""

    def make(*packages, server=True):
        monkeypatch.setattr(broker, "installed", lambda name: name in packages)
        monkeypatch.setattr(broker, "check_installed", lambda **_: None)
        monkeypatch.setattr(shutil, "which", lambda _: "/bin/redis-server" if server else None)

    return make


def test_redis_is_the_broker_where_it_is_there(here):
    here("redis")
    assert chosen_broker("", pytest.fail) == "redis"
    assert chosen_broker("postgres", pytest.fail) == "postgres"


@pytest.mark.parametrize(
    ("packages", "server", "reason"),
    [(["redis"], False, "`redis-server` is not on the PATH"), ([], True, "Python's `redis`")],
)
def test_postgres_is_the_broker_elsewhere_and_the_user_is_told_why(here, packages, server, reason):
    here(*packages, server=server)
    told = []

    assert chosen_broker("", told.append) == "postgres"
    assert told[0].startswith(reason)
    with pytest.raises(UnavailableError, match="--broker postgres"):
        chosen_broker("redis", pytest.fail)


def test_unknown_broker_is_a_wrong_question():
    with pytest.raises(UsageError, match=r"`rabbit`; there are `redis`, `postgres`"):
        chosen_broker("rabbit", pytest.fail)


@pytest.mark.parametrize("name", ["short", "long" * 30])
def test_redis_answers_on_a_socket_of_its_own_and_leaves_none(tmp_path, name):
    if shutil.which("redis-server") is None:
        pytest.skip("needs `redis-server` on the PATH")
    folder = tmp_path / name
    folder.mkdir()
    redis = Redis(folder, tmp_path, tmp_path / "redis.log")
    assert not redis.answers()
    assert (redis.pid, redis.ended()) == (0, False)

    redis.start()

    assert redis.answers()
    assert stat.S_IMODE(redis.socket.stat().st_mode) == 0o700
    assert redis.url == f"redis+socket://{redis.socket}?virtual_host=0"
    redis.stop()
    assert not redis.answers()
    assert not redis.socket.exists()
    assert redis.socket.parent.exists() == (redis.socket.parent == folder)
    assert (folder / "dump.rdb").exists() is False


def test_redis_that_does_not_start_tells_the_end_of_its_log(tmp_path, monkeypatch):
    program = tmp_path / "redis-server"
    program.write_text("#!/bin/sh\necho no such luck\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)

    redis = Redis(tmp_path, tmp_path, tmp_path / "redis.log")
    with pytest.raises(UnavailableError, match=r"Redis does not start.*\n.*\nno such luck"):
        redis.start()
    redis.stop()


def test_redis_that_is_killed_and_started_again_has_its_messages(tmp_path):
    if shutil.which("redis-server") is None:
        pytest.skip("needs `redis-server` on the PATH")
    redis = Redis(tmp_path, tmp_path, tmp_path / "redis.log")
    redis.start()
    try:
        assert told(redis, b"LPUSH default message\r\n") == b":1\r\n"
        os.kill(redis.pid, signal.SIGKILL)
        deadline = time.monotonic() + 5
        while not redis.ended() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert redis.ended()
        assert not redis.answers()

        redis.start()

        assert (redis.ended(), redis.restarts) == (False, 1)
        assert told(redis, b"RPOP default\r\n") == b"$7\r\nmessage\r\n"
        assert (tmp_path / "redis.log").read_text().count("Server initialized") == 2
    finally:
        redis.stop()


def told(redis, command):
    with socket.socket(socket.AF_UNIX) as connection:
        connection.connect(str(redis.socket))
        connection.sendall(command)
        return connection.recv(64)
