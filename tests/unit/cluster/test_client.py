"""What users call: it speaks with a supervisor, and stops what it started."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from dagproof.cluster import client, down, held, status, up
from dagproof.cluster.place import ClusterPlace
from dagproof.cluster.plan import Plan
from dagproof.model import UnavailableError, UsageError

FAKE = """
import json, sys, time
from pathlib import Path
from dagproof.cluster.place import ClusterPlace
from dagproof.cluster.plan import Plan
from dagproof.cluster.record import Record
import os, signal

signal.signal(signal.SIGTERM, {on_term})
plan = Plan.from_json(sys.stdin.readline())
place = ClusterPlace(plan.folder)
lock = place.hold()
print(json.dumps({{"progress": "Working"}}), flush=True)
{body}
record = Record("/r", os.getpid(), "http://127.0.0.1:9", "admin", "p", "redis", "/l", "/t")
record.write(place.record)
print(json.dumps({{"ready": True}}), flush=True)
if sys.stdin.readline() == "stay\\n":
    while True:
        time.sleep(0.05)
"""


@pytest.fixture
def supervisor(monkeypatch):
    """Give a function that puts a program in place of the supervisor."""
    real = subprocess.Popen
    started = []

    def put(body="", on_term="signal.SIG_DFL"):
        def popen(_, **options):
            program = textwrap.dedent(FAKE).format(body=body, on_term=on_term)
            started.append(real([sys.executable, "-c", program], **options))
            return started[-1]

        monkeypatch.setattr(client.subprocess, "Popen", popen)
        return started

    yield put
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def plan(tmp_path):
    return Plan(tmp_path, tmp_path / "c")


@pytest.fixture
def place(plan):
    return ClusterPlace(plan.folder)


def test_up_stays_until_down(supervisor, plan, place):
    [started], told = [supervisor()], []

    first = up(plan, told.append)

    assert first.fresh
    assert told == ["Working"]
    assert first.record.pid == started[0].pid
    again = up(plan)
    assert (again.fresh, again.record) == (False, first.record)
    assert status(place) == first.record

    assert down(place)
    assert status(place) is None
    assert not down(place)


def test_held_goes_with_the_block(supervisor, plan, place):
    [process] = [supervisor()]
    with held(plan) as record:
        assert status(place) == record
        with pytest.raises(UsageError, match=r"runs in .* already"), held(plan):
            pytest.fail("two at once")
    assert process[0].poll() == 0
    assert status(place) is None


@pytest.mark.parametrize(("code", "kind"), [(2, UsageError), (3, UnavailableError)])
def test_refusal_of_the_supervisor_is_ours(supervisor, plan, place, code, kind):
    said = f'{{"error": "No.", "exit_code": {code}}}'
    supervisor(f"print(json.dumps({said}), flush=True); sys.exit(1)")
    with pytest.raises(kind, match=r"^No\.$"):
        up(plan)
    assert not place.is_held()


def test_supervisor_that_dies_tells_the_end_of_its_log(supervisor, plan):
    supervisor("print('no such luck', file=sys.stderr); sys.exit(1)")
    with pytest.raises(UnavailableError, match=r"(?s)has died.*no such luck"):
        up(plan)


def test_cluster_that_is_starting_is_not_up(plan, place):
    place.make()
    with place.hold(), pytest.raises(UnavailableError, match="just starting or stopping"):
        up(plan)


def test_cluster_that_is_starting_can_be_taken_down(supervisor, plan, place):
    started = supervisor("time.sleep(60)")
    with ThreadPoolExecutor(1) as threads:
        coming = threads.submit(up, plan)
        deadline = time.monotonic() + 10
        while place.holder() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        assert down(place)
        with pytest.raises(UnavailableError, match="has died"):
            coming.result(10)
    assert started[0].wait(5) == -signal.SIGTERM
    assert not place.is_held()


def test_supervisor_that_cannot_be_stopped_is_said(place, monkeypatch):
    monkeypatch.setattr(client, "_STOP_SECONDS", 0.1)
    told = []
    monkeypatch.setattr(client.os, "kill", lambda *sent: told.append(sent))
    place.make()
    with place.hold(), pytest.raises(UnavailableError, match="does not stop; ask again"):
        down(place)
    assert told == [(os.getpid(), signal.SIGTERM), (os.getpid(), signal.SIGKILL)]


def test_what_a_new_cluster_has_begun_is_no_leftover(place, monkeypatch):
    monkeypatch.setattr(client, "end_leftovers", lambda _: 1)
    assert not down(place), "where there never was one"
    place.make()
    place.hold().close()
    assert down(place)
    with place.hold():
        assert client._end_leftovers(place) == 0


def test_record_of_a_cluster_that_was_killed_does_not_count(supervisor, plan, place):
    started = supervisor()
    up(plan)
    started[0].kill()
    started[0].wait()
    assert place.record.exists()
    assert status(place) is None


def test_supervisor_that_is_deaf_is_killed(supervisor, plan, place, monkeypatch):
    monkeypatch.setattr(client, "_STOP_SECONDS", 0.3)
    started = supervisor(on_term="signal.SIG_IGN")
    up(plan)
    assert down(place)
    assert started[0].wait(5) == -signal.SIGKILL


def test_supervisor_that_does_not_hang_up_is_killed(supervisor, plan, monkeypatch):
    monkeypatch.setattr(client, "_STOP_SECONDS", 0.3)
    body = 'print(json.dumps({"ready": True}), flush=True); time.sleep(60)'
    started = supervisor(body)
    with pytest.raises(UnavailableError, match="as soon as it was up"), held(plan):
        pytest.fail("there is no record")
    assert started[0].wait(5) == -signal.SIGKILL
