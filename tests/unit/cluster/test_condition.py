"""Each part of a running cluster is asked, and who cannot be asked is not called healthy."""

import os
import signal
import subprocess
import sys
import time

import pytest

from dagproof.cluster import condition as module
from dagproof.cluster.condition import all_well, process_state, states
from dagproof.cluster.record import MemberRecord, Record

AIRFLOW = {"api-server": "healthy", "metadatabase": "healthy", "scheduler": "healthy"}
MEMBERS = ("api-server", "scheduler", "worker-1", "worker-2")
SERVICES = {"MLFLOW_TRACKING_URI": "http://mlflow", "AWS_ENDPOINT_URL": "http://s3"}


@pytest.fixture
def running(monkeypatch):
    """Give a function that says how a cluster is whose parts answer as told."""

    def find(redis="/socket", answering=("worker-1", "worker-2"), said=AIRFLOW, **environment):
        asked = []

        def answer(url, names, _):
            asked.append((url, names))
            return set(answering)

        monkeypatch.setattr(module, "health", lambda *_: dict(said))
        monkeypatch.setattr(module, "redis_answers", lambda _: redis != "/deaf")
        monkeypatch.setattr(module, "answering_workers", answer)
        monkeypatch.setattr(
            module, "service_state", lambda url, _: "healthy" if "mlflow" in url else "no answer"
        )
        members = tuple(MemberRecord(name, os.getpid(), "/l") for name in MEMBERS)
        record = Record(
            "/r", 1, "http://x", "admin", "p", "redis", "/l", "/t",
            members=members, environment=environment, redis=redis,
        )  # fmt: skip
        return states(record), asked

    return find


def test_every_part_that_answers_is_healthy(running):
    found, asked = running(MLFLOW_TRACKING_URI="http://mlflow")
    assert found == {
        **AIRFLOW, "redis": "healthy", "worker-1": "healthy", "worker-2": "healthy",
        "mlflow": "healthy",
    }  # fmt: skip
    assert asked == [("redis+socket:///socket?virtual_host=0", ["worker-1", "worker-2"])]
    assert all_well(found)


def test_worker_and_service_that_do_not_answer_are_told(running):
    found, _ = running(answering=("worker-2",), **SERVICES)
    assert (found["worker-1"], found["worker-2"]) == ("no answer", "healthy")
    assert (found["mlflow"], found["s3"]) == ("healthy", "no answer")
    assert not all_well(found)


def test_worker_that_cannot_be_asked_is_not_called_healthy(running):
    found, asked = running(redis="")
    assert (found["worker-1"], asked) == ("running", [])
    assert "redis" not in found
    assert all_well(found)

    found, asked = running(redis="/deaf")
    assert (found["redis"], found["worker-1"], asked) == ("no answer", "running", [])
    assert not all_well(found)


def test_of_parts_that_a_deaf_api_server_would_tell_only_their_processes_are_known(running):
    found, _ = running(said={"api-server": "no answer"})
    assert (found["api-server"], found["scheduler"]) == ("no answer", "running")
    assert not all_well(found)


def test_process_that_is_stopped_or_has_ended_is_so_whatever_it_said(running, monkeypatch):
    monkeypatch.setattr(module, "process_state", lambda _: "stopped")
    found, _ = running()
    assert {found[name] for name in MEMBERS} == {"stopped"}
    assert found["metadatabase"] == "healthy"


@pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")
def test_kernel_says_whether_a_process_runs_is_stopped_or_has_ended():
    process = subprocess.Popen(["sleep", "60"])
    try:
        assert process_state(process.pid) == "running"
        for sign, state in ((signal.SIGSTOP, "stopped"), (signal.SIGKILL, "ended")):
            process.send_signal(sign)
            deadline = time.monotonic() + 5
            while process_state(process.pid) != state and time.monotonic() < deadline:
                time.sleep(0.01)
            assert process_state(process.pid) == state, "a zombie has ended, too"
    finally:
        process.kill()
        process.wait()
    assert process_state(process.pid) == "ended"


def test_elsewhere_a_process_that_takes_signals_runs(monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    assert process_state(os.getpid()) == "running"
