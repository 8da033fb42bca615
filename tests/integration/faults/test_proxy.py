"""The proxy among real servers and clients, and what becomes of it when its run ends badly."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from dagproof.model import Fault, UnavailableError, UsageError
from dagproof.services import faulty, s3_client


def place(services, name):
    """Return where an object of this test may be: in tests' own part of a bucket."""
    bucket, _, folder = services["DATA_ROOT"].removeprefix("s3://").partition("/")
    return {"Bucket": bucket, "Key": f"{folder}/{name}".lstrip("/")}


@contextlib.contextmanager
def among(services, *texts):
    """Yield the faults, the switchboard and the environment that leads to them."""
    faults = [Fault.parse(text) for text in texts]
    with faulty(services, faults) as board:
        yield faults, board, {**services, **board.environment}


def test_fifty_megabytes_arrive_both_ways_through_a_connection_that_is_kept(services):
    body = os.urandom(50_000_000)
    with among(services, "s3:500", "s3:slow") as (_, board, through):
        client = s3_client(through)
        for turn in range(2):
            client.put_object(**place(services, "big"), Body=body)
            assert client.get_object(**place(services, "big"))["Body"].read() == body, turn
        client.delete_object(**place(services, "big"))
        assert set(board.hits.values()) == {0}


def test_upload_in_parts_and_of_a_stream_arrives(services, tmp_path):
    from boto3.s3.transfer import TransferConfig

    file = tmp_path / "file"
    file.write_bytes(os.urandom(12_000_000))
    config = TransferConfig(multipart_threshold=5 << 20, multipart_chunksize=5 << 20)
    with among(services, "s3:500") as (_, _, through):
        client = s3_client(through)
        client.upload_file(str(file), *place(services, "parts").values(), Config=config)
        with file.open("rb") as stream:
            client.put_object(**place(services, "stream"), Body=stream)
    direct = s3_client(services)
    for key in ("parts", "stream"):
        stored = direct.get_object(**place(services, key))["Body"].read()
        assert stored == file.read_bytes()


def test_s3_client_understands_what_it_is_refused_with(services):
    from botocore.config import Config
    from botocore.exceptions import ClientError

    with among(services, "s3:500", "s3:readonly") as ((broken, readonly), board, through):
        import boto3

        client = boto3.client(
            "s3",
            endpoint_url=through["AWS_ENDPOINT_URL"],
            aws_access_key_id=services["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=services["AWS_SECRET_ACCESS_KEY"],
            region_name=services["AWS_DEFAULT_REGION"],
            config=Config(retries={"total_max_attempts": 2}),
        )
        board.begin(readonly)
        with pytest.raises(ClientError) as caught:
            client.put_object(**place(services, "refused"), Body=b"x" * 100_000)
        assert caught.value.response["Error"]["Code"] == "SlowDown"
        refused = place(services, "refused")
        there = {"Bucket": refused["Bucket"], "Prefix": refused["Key"]}
        assert client.list_objects_v2(**there)["KeyCount"] == 0
        board.begin(broken)
        with pytest.raises(ClientError) as caught:
            client.list_objects_v2(**there)
        assert caught.value.response["Error"]["Code"] == "InternalError"
        assert board.hits == {broken: 2, readonly: 2}, "each was tried twice"


def test_mlflow_client_may_read_of_a_readonly_server_and_gives_up_on_writing(services, monkeypatch):
    from mlflow import MlflowClient
    from mlflow.exceptions import MlflowException

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    with among(services, "mlflow:500", "mlflow:readonly") as ((broken, readonly), board, through):
        client = MlflowClient(tracking_uri=through["MLFLOW_TRACKING_URI"])
        board.begin(readonly)
        with pytest.raises(MlflowException, match="too many 503 error responses"):
            client.create_experiment("x")
        assert [one.name for one in client.search_experiments()] == ["Default"]
        board.begin(broken)
        with pytest.raises(MlflowException, match="too many 500 error responses"):
            client.search_experiments()


def test_mlflow_client_outlasts_a_restart_by_its_own_retries(services, monkeypatch):
    from mlflow import MlflowClient

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "4")
    with among(services, "mlflow:restart,seconds=0.5") as ([restart], board, through):
        client = MlflowClient(tracking_uri=through["MLFLOW_TRACKING_URI"])
        client.search_experiments()
        board.begin(restart)
        started = time.monotonic()
        assert client.search_experiments()
        assert time.monotonic() - started > 0.4
        assert board.hits[restart] > 0


def test_postgres_answers_queries_and_logs_in_as_if_there_were_no_proxy(services):
    import psycopg2

    with among(services, "postgres:reset", "postgres:cut") as ((reset, cut), board, through):
        url = through["AIRFLOW__DATABASE__SQL_ALCHEMY_CONN"].replace("+psycopg2", "")
        with contextlib.closing(psycopg2.connect(url)) as connection:
            cursor = connection.cursor()
            cursor.execute("SELECT repeat('x', 1000) FROM generate_series(1, 20000)")
            assert sum(len(value) for (value,) in cursor) == 20_000_000
            board.begin(cut)
            with pytest.raises(psycopg2.OperationalError):
                cursor.execute("SELECT 1")
        with contextlib.closing(psycopg2.connect(url)):
            pass  # a login is no query
        board.begin(reset)
        with pytest.raises(psycopg2.OperationalError):
            psycopg2.connect(url)
        assert board.hits == {cut: 1, reset: 1}


def test_two_hundred_connections_at_once_are_counted_one_by_one(services):
    with among(services, "mlflow:500,share=0.25") as ([fault], board, through):
        host, port = through["MLFLOW_TRACKING_URI"].removeprefix("http://").split(":")
        board.begin(fault)
        barrier = threading.Barrier(200)

        def ask(_):
            with socket.create_connection((host, int(port)), timeout=60) as connection:
                barrier.wait(60)
                connection.sendall(b"GET /version HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                return connection.recv(100).split()[1]

        with ThreadPoolExecutor(200) as pool:
            statuses = list(pool.map(ask, range(200)))
        assert (statuses.count(b"500"), statuses.count(b"200")) == (50, 150)
        assert board.hits[fault] == 50


def test_fault_ends_on_time_while_the_process_holds_its_interpreter(services):
    """A proxy in a thread would sleep, too."""
    code = (
        "import socket, time\nbegan = time.monotonic()\n"
        "while True:\n"
        "    try:\n        socket.create_connection(('127.0.0.1', {port})).close()\n"
        "    except ConnectionRefusedError:\n        time.sleep(0.01)\n"
        "    else:\n        break\n"
        "print(time.monotonic() - began)"
    )
    with among(services, "mlflow:restart,seconds=0.4") as ([fault], board, through):
        port = through["MLFLOW_TRACKING_URI"].rpartition(":")[2]
        board.begin(fault)
        child = subprocess.Popen(
            [sys.executable, "-c", code.format(port=port)], stdout=subprocess.PIPE, text=True
        )
        # A long computation in C, which lets no other thread run.
        until = time.monotonic() + 1.5
        while time.monotonic() < until:
            sum(range(20_000_000))
        waited = float(child.communicate()[0])
        [record] = board.records(0)
    assert waited < 1.2
    assert 0.39 < record.ended - record.began < 0.8


def test_proxy_that_dies_is_told_and_not_waited_for(services):
    with faulty(services, [Fault("mlflow", "500")]) as board:
        board._proxy._process.kill()
        with pytest.raises(UnavailableError, match="proxy that makes services fail has died"):
            board.begin(Fault("mlflow", "500"))


def test_child_that_a_task_forks_leaves_the_proxy_alone(services):
    with among(services, "mlflow:500") as ([fault], board, through):
        pid = os.fork()
        if pid == 0:  # as a task's child whose exception unwinds the run's stack
            with contextlib.suppress(BaseException):
                board.begin(fault)
            board._proxy.close()
            os._exit(0)
        assert os.waitpid(pid, 0)[1] == 0
        assert board.hits == {fault: 0}
        board.begin(fault)
        with socket.create_connection(
            ("127.0.0.1", int(through["MLFLOW_TRACKING_URI"].rpartition(":")[2]))
        ) as connection:
            connection.sendall(b"GET /version HTTP/1.1\r\n\r\n")
            assert connection.recv(20).split()[1] == b"500"


def test_service_that_is_not_there_is_a_wrong_question(services):
    without = {name: value for name, value in services.items() if name != "MLFLOW_TRACKING_URI"}
    with (
        pytest.raises(UsageError, match="needs `mlflow` among the services"),
        faulty(without, [Fault("mlflow", "500")]),
    ):
        pass


HOLD = """
import sys, time
from dagproof.model import Fault
from dagproof.services import faulty
fault = Fault("mlflow", {kind!r})
with faulty({{"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"}}, [fault]) as board:
    board.begin(fault)
    port = board.environment["MLFLOW_TRACKING_URI"].rpartition(":")[2]
    print(port, board._proxy._process.pid, flush=True)
    {then}
"""
FORK = """
    import os
    if os.fork() == 0:
        time.sleep(20)
        os._exit(0)
    time.sleep(60)
"""


def holder(kind, then):
    code = HOLD.format(kind=kind, then=then.strip())
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    port, pid = process.stdout.readline().split()
    return process, int(port), int(pid)


def alive(pid):
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False


def gone(pid, port):
    deadline = time.monotonic() + 5
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", port))  # nobody holds it any more
    return not alive(pid)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("kind", ["500", "down"])
@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_proxy_goes_with_its_process_however_that_ends(kind, sign):
    process, port, pid = holder(kind, "time.sleep(60)")
    assert alive(pid)
    process.send_signal(sign)
    process.wait(10)
    assert gone(pid, port)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
def test_proxy_goes_with_its_process_though_a_forked_child_holds_its_socket():
    process, port, pid = holder("500", FORK)
    process.kill()
    process.wait(10)
    assert gone(pid, port)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def test_keyboard_interrupt_of_the_terminal_is_not_for_the_proxy():
    process, port, pid = holder("500", "time.sleep(60)")
    os.kill(pid, signal.SIGINT)
    time.sleep(0.2)
    assert alive(pid)
    process.kill()
    process.wait(10)
    assert gone(pid, port)
