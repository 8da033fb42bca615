"""However many processes call, no window holds more calls than the limit, and no call is lost."""

import contextlib
import itertools
import json
import multiprocessing
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
from fixtures.shared_clock import SharedClock

from mlops import object_store, rate_limit, shared_state, storage, task_context
from mlops.rate_limit import RateLimit, RateLimitError, acquire, rate_limited
from mlops.storage import StorageError

SPAWN = multiprocessing.get_context("spawn")


class Clock:
    """A clock that only sleeping moves on."""

    def __init__(self, now=1_000.0):
        self.now = now
        self.slept = []

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        assert seconds > 0
        self.slept.append(seconds)
        self.now += seconds


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def bucket(monkeypatch):
    """A DATA_ROOT on S3, whose server answers one request at a time, as if each were one step."""
    import boto3
    from moto.server import DomainDispatcherApplication, create_backend_app
    from werkzeug.serving import WSGIRequestHandler, make_server

    class Quiet(WSGIRequestHandler):
        def log(self, *_):
            """Say nothing."""

    app = DomainDispatcherApplication(create_backend_app)
    server = make_server("127.0.0.1", 0, app, threaded=False, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "x",
        "AWS_SECRET_ACCESS_KEY": "x",
        "AWS_DEFAULT_REGION": "us-east-1",
        "DATA_ROOT": "s3://limited",
    }.items():
        monkeypatch.setenv(name, value)
    shared_state._see_refusal.cache_clear()
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{server.server_port}")
    client.create_bucket(Bucket="limited")
    yield client
    server.shutdown()
    thread.join(10)
    server.server_close()


def most_in_a_window(starts, window=60.0):
    """Return how many calls the fullest half-open window of time holds."""
    starts = sorted(starts)
    return max(sum(first <= start < first + window for start in starts) for first in starts)


def call_often(clock, index, calls, seen):
    """Be one of the processes: call, and note when."""
    sleep = clock.sleeper(index)
    late = itertools.cycle([0.0, 0.45, 0.1])
    limit = RateLimit(clock=clock.at(index), sleep=lambda seconds: sleep(seconds + next(late)))
    try:
        for number in range(calls):
            with rate_limited(limit):
                seen.put((index, number, clock.true()))
            if number % 7 == index:
                sleep(3.7)  # work in between
    finally:
        clock.leave(index)


def calls_of_four(skews=(0.0, 0.0, 0.0, 0.0)):
    clock = SharedClock(SPAWN, skews)
    seen = SPAWN.Queue()
    processes = [
        SPAWN.Process(target=call_often, args=(clock, index, 50, seen), daemon=True)
        for index in range(4)
    ]
    for process in processes:
        process.start()
    found = [seen.get(timeout=120) for _ in range(200)]
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0, 0]
    return found


@pytest.mark.parametrize("skews", [(0.0, 0.0, 0.0, 0.0), (0.0, -0.2, 0.25, 0.1)])
def test_four_processes_and_200_calls_never_exceed_the_limit_in_any_window(data_root, skews):
    found = calls_of_four(skews)
    assert {call[:2] for call in found} == {(i, number) for i in range(4) for number in range(50)}
    starts = [start for *_, start in found]
    assert most_in_a_window(starts) == 20
    assert rate_limit.state()["taken"] == 200
    assert max(starts) - min(starts) < 9 * 61 + 8 * 3.7, "and little time is wasted"


def test_four_processes_and_200_calls_keep_to_the_limit_on_s3(bucket):
    found = calls_of_four()
    assert {call[:2] for call in found} == {(i, number) for i in range(4) for number in range(50)}
    assert most_in_a_window([start for *_, start in found]) == 20
    assert rate_limit.state()["taken"] == 200


def test_threads_of_one_process_take_turns_too(data_root):
    limit = RateLimit(calls=1000)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: acquire(limit), range(80)))
    assert rate_limit.state()["taken"] == 80


def test_calls_below_the_limit_do_not_wait(clock):
    limit = RateLimit(calls=3, clock=clock, sleep=clock.sleep)
    assert [acquire(limit) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert clock.slept == []


def test_call_over_the_limit_waits_for_the_first_to_be_a_window_ago(clock):
    limit = RateLimit(calls=2, clock=clock, sleep=clock.sleep)
    acquire(limit)
    clock.now += 10
    acquire(limit)
    assert acquire(limit) == 51
    assert acquire(limit) == 10
    assert clock.now == 1_071


def test_clock_that_goes_back_does_not_make_room(clock):
    limit = RateLimit(calls=2, clock=clock, sleep=clock.sleep)
    acquire(limit)
    clock.now -= 500
    acquire(limit)
    assert clock.now == 1_000
    acquire(limit)
    assert clock.now == 1_061


def test_sleep_that_ends_early_is_gone_on_with(clock):
    limit = RateLimit(calls=1, clock=clock, sleep=lambda seconds: clock.sleep(seconds / 2 + 0.1))
    acquire(limit)
    acquire(limit)
    assert clock.now >= 1_061


def test_caller_that_oversleeps_takes_another_place(clock):
    late = iter([30.0, 0.0])
    limit = RateLimit(calls=1, clock=clock, sleep=lambda seconds: clock.sleep(seconds + next(late)))
    acquire(limit)
    waited = acquire(limit)
    assert rate_limit.state()["taken"] == 3
    assert waited == 122
    assert clock.now == 1_122


def test_limit_that_is_raised_keeps_what_the_lower_one_wrote(clock):
    low, high = (RateLimit(calls=calls, clock=clock, sleep=clock.sleep) for calls in (2, 4))
    for _ in range(4):
        acquire(high)
    acquire(low)
    assert clock.now == 1_061
    assert len(rate_limit.state()["starts"]) == 4


def test_killed_holder_of_the_lock_stops_nobody(data_root):
    program = (
        "import os; from mlops import shared_state, storage\n"
        "uri = storage.uri('rate_limit', 'mlflow_api.json')\n"
        "shared_state.change(uri, lambda _: os.kill(os.getpid(), 9))\n"
    )
    plugins = Path(storage.__file__).parents[1]
    killed = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(plugins)},
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL
    assert (data_root / "rate_limit" / "mlflow_api.json.lock").exists()
    began = time.monotonic()
    acquire(RateLimit())
    assert time.monotonic() - began < 5
    assert rate_limit.state()["taken"] == 1


def test_decorated_function_keeps_its_result_and_counts_each_call(clock):
    @rate_limited(RateLimit(calls=2, clock=clock, sleep=clock.sleep))
    def double(number):
        """Double."""
        return 2 * number

    assert [double(1), double(2), double(3)] == [2, 4, 6]
    assert double.__doc__ == "Double."
    assert clock.now == 1_061


def test_call_that_fails_counts(clock):
    limit = RateLimit(calls=1, clock=clock, sleep=clock.sleep)
    with pytest.raises(ZeroDivisionError), rate_limited(limit):
        _ = 1 / 0
    assert rate_limit.state()["taken"] == 1


def test_reset_makes_room(clock):
    limit = RateLimit(calls=1, clock=clock, sleep=clock.sleep)
    acquire(limit)
    rate_limit.reset()
    assert rate_limit.state() is None
    assert acquire(limit) == 0


def test_state_is_printed_and_forgotten_by_the_command(capsys):
    with rate_limited("mlflow_api"):
        pass
    rate_limit.main(["mlflow_api"])
    assert json.loads(capsys.readouterr().out)["taken"] == 1
    rate_limit.main(["--reset"])
    assert json.loads(capsys.readouterr().out) is None


def test_environment_sets_another_limit(monkeypatch):
    assert rate_limit.configured() == RateLimit("mlflow_api", 20, 60.0)
    monkeypatch.setenv("RATE_LIMIT_MLFLOW_API", "50/30.5")
    assert rate_limit.configured() == RateLimit("mlflow_api", 50, 30.5)


@pytest.mark.parametrize("told", ["many", "20", "20/", "-1/60", "0/60", "5/0"])
def test_environment_that_sets_no_limit_is_told(monkeypatch, told):
    monkeypatch.setenv("RATE_LIMIT_MLFLOW_API", told)
    with pytest.raises(RateLimitError, match=r"20/60|are no (limit|window)"), rate_limited():
        pass


@pytest.mark.parametrize("name", ["", "../up", "A", "a.b", "a/b"])
def test_name_that_is_no_file_name_is_refused(name):
    with pytest.raises(RateLimitError, match="cannot name a rate limit"):
        RateLimit(name)


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"starts": ["x"], "calls": 1, "taken": 1}', '{"starts": []}']
)
def test_damaged_state_is_one_sentence_with_the_way_out(data_root, text):
    folder = data_root / "rate_limit"
    folder.mkdir(parents=True)
    (folder / "mlflow_api.json").write_text(text)
    with pytest.raises(StorageError, match=r"mlflow_api\.json is no"):
        acquire(RateLimit())
    rate_limit.reset()
    acquire(RateLimit())


def test_store_that_does_not_answer_is_one_sentence(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{free.getsockname()[1]}")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "x")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    monkeypatch.setenv("DATA_ROOT", "s3://limited")
    with pytest.raises(StorageError, match=r"cannot be changed .* check that the store runs"):
        acquire(RateLimit())


def test_store_that_ignores_conditions_is_refused(bucket, monkeypatch):
    swap = object_store.swap
    monkeypatch.setattr(object_store, "swap", lambda uri, data, _: swap(uri, data, None) or True)
    with pytest.raises(StorageError, match=r"a condition .* that does not hold"):
        acquire(RateLimit())


def test_store_of_another_kind_is_refused(monkeypatch):
    monkeypatch.setenv("DATA_ROOT", "gs://limited")
    with pytest.raises(StorageError, match="only file:// and s3://"):
        acquire(RateLimit())


def test_change_that_others_overtake_is_decided_again(bucket, clock):
    uri = storage.uri("counter.json")

    def decide(document):
        if document is None or document["by"] == "them":
            seen.append(document)
        if len(seen) < 3:
            shared_state.change(uri, lambda _: ({"by": "them", "n": len(seen)}, None))
        return {"by": "us", "upon": document}, document

    seen = []
    assert shared_state.change(uri, decide, sleep=clock.sleep) == {"by": "them", "n": 2}
    assert len(clock.slept) == 2
    assert shared_state.read(uri) == {"by": "us", "upon": {"by": "them", "n": 2}}


def test_object_that_is_removed_meanwhile_is_no_error(bucket, clock):
    uri = storage.uri("counter.json")
    shared_state.change(uri, lambda _: ({"n": 1}, None))
    seen = []

    def decide(document):
        seen.append(document)
        if len(seen) == 1:
            storage.remove(uri)
        return {"n": 2}, None

    shared_state.change(uri, decide, sleep=clock.sleep)
    assert seen == [{"n": 1}, None]


@pytest.fixture
def stats(monkeypatch, task):
    """What Airflow's Stats were told."""
    try:
        from airflow.sdk.observability.stats import Stats
    except ImportError:
        from airflow.stats import Stats
    told = []

    def time_it(name, dt, **_):
        told.append((name, dt.total_seconds()))

    monkeypatch.setattr(Stats, "incr", lambda name, *_, **__: told.append(name), raising=False)
    monkeypatch.setattr(Stats, "timing", time_it, raising=False)
    return told


def test_airflow_is_told_of_calls_and_of_those_that_met_the_limit(stats, clock):
    limit = RateLimit(calls=1, clock=clock, sleep=clock.sleep)
    acquire(limit)
    assert stats == ["rate_limit.mlflow_api.calls"]
    stats.clear()
    acquire(limit)
    assert stats == [
        "rate_limit.mlflow_api.calls",
        "rate_limit.mlflow_api.hits",
        ("rate_limit.mlflow_api.waits", 61.0),
    ]


def test_outside_a_task_nothing_is_measured(stats, monkeypatch):
    monkeypatch.setattr(task_context, "current", lambda: None)
    acquire(RateLimit())
    assert stats == []


CALLS_IN_A_TASK = """
import contextlib
with contextlib.suppress(ImportError):
    import airflow.sdk.serde  # sets Stats up, as the process of a task does
from mlops import rate_limit, task_context
task_context.current = lambda: task_context.TaskIdentity("d", "r", "t", -1, 1)
limit = rate_limit.RateLimit(calls=1, window=0.5, grace=0.4)
for _ in range(2):
    rate_limit.acquire(limit)
"""


def test_statsd_hears_of_calls_and_hits(tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as statsd:
        statsd.bind(("127.0.0.1", 0))
        statsd.settimeout(1)
        settings = {
            "AIRFLOW_HOME": str(tmp_path),
            "AIRFLOW__METRICS__STATSD_ON": "True",
            "AIRFLOW__METRICS__STATSD_HOST": "127.0.0.1",
            "AIRFLOW__METRICS__STATSD_PORT": str(statsd.getsockname()[1]),
            "PYTHONPATH": os.pathsep.join(sys.path),
        }
        program = [sys.executable, "-c", CALLS_IN_A_TASK]
        subprocess.run(program, env=os.environ | settings, check=True, timeout=120)
        heard = []
        with contextlib.suppress(TimeoutError):
            while True:
                heard += statsd.recv(65_536).decode().split()
    limited = [line.partition(":")[0] for line in heard if ".rate_limit." in line]
    name = "airflow.rate_limit.mlflow_api"
    assert limited == [f"{name}.calls", f"{name}.calls", f"{name}.hits", f"{name}.waits"]
