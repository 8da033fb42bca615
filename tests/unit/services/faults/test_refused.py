"""Connections that are refused are counted where they are tried: in the run's process."""

import asyncio
import contextlib
import socket
import subprocess
import sys
import time

import pytest

from dagproof.services.faults.refused import tries_counted


@pytest.fixture
def closed_port():
    with socket.socket() as guard:
        guard.bind(("127.0.0.1", 0))
        yield guard.getsockname()[1]


def knock(port):
    with contextlib.suppress(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port)).close()


def test_tries_are_noted_with_their_time(closed_port):
    before = time.monotonic()
    with tries_counted({"mlflow": closed_port}) as tries:
        knock(closed_port)
        knock(closed_port)
    assert len(tries["mlflow"]) == 2
    assert all(before <= moment <= time.monotonic() for moment in tries["mlflow"])


def test_tries_of_an_event_loop_are_noted_too(closed_port):
    async def knock():
        with contextlib.suppress(OSError):
            await asyncio.open_connection("127.0.0.1", closed_port)

    with tries_counted({"postgres": closed_port}) as tries:
        asyncio.run(knock())
    assert len(tries["postgres"]) == 1


def test_other_ports_and_sockets_are_nobodys_business(closed_port, tmp_path):
    with tries_counted({"mlflow": closed_port}) as tries, socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        knock(other.getsockname()[1])
        with socket.socket(socket.AF_UNIX) as unix, pytest.raises(FileNotFoundError):
            unix.connect(str(tmp_path / "socket"))
    assert tries == {"mlflow": []}


def test_nothing_is_noted_after_the_block(closed_port):
    with tries_counted({"mlflow": closed_port}) as tries:
        pass
    knock(closed_port)
    assert tries["mlflow"] == []


def test_tries_of_libpq_are_noted_by_psycopg2(closed_port):
    psycopg2 = pytest.importorskip("psycopg2", reason="psycopg2 is not installed")
    connect = psycopg2.connect
    with tries_counted({"postgres": closed_port}) as tries:
        for port in (closed_port, str(closed_port)):
            with pytest.raises(psycopg2.OperationalError):
                psycopg2.connect(host="127.0.0.1", port=port, dbname="x")
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect("host=127.0.0.1 port=1 dbname=x")
    assert len(tries["postgres"]) == 2
    assert psycopg2.connect is connect


def test_process_without_faults_that_close_gets_no_hook():
    code = (
        "import sys\nhooks = []\nsys.addaudithook = hooks.append\n"
        "from dagproof.services.faults.refused import tries_counted\n"
        "with tries_counted({}): pass\nassert hooks == []\n"
        "for _ in range(2):\n    with tries_counted({'s3': 1}): pass\nassert len(hooks) == 1\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
