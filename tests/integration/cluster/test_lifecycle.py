"""A cluster comes up beside others, says how it is, and leaves nothing, whichever way it ends."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time

import pytest
from integration.cluster.conftest import ROOT
from integration.cluster.rest import Rest

from dagproof.cluster import default_place, states, status

DAG = """
from airflow.sdk import dag, task


@dag(dag_id="answer", schedule=None, catchup=False)
def answer():
    @task
    def find() -> str:
        import os

        print("looking for it")
        return os.environ["ANSWER"]

    find()


answer()
"""
ELSEWHERE = ROOT / "tests" / "fixtures" / "repos" / "runner" / "dags" / "elsewhere.py"


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """Give a function that makes a repository with one DAG, and takes its cluster down."""
    monkeypatch.setenv("COLUMNS", "100")
    made = []

    def make(name):
        root = tmp_path / name
        (root / "dags").mkdir(parents=True)
        (root / "dags" / "answer.py").write_text(DAG)
        shutil.copy(ELSEWHERE, root / "dags")
        settings = '[tool.dagproof]\ndags = ["dags"]\nservices = ["postgres"]\n'
        (root / "pyproject.toml").write_text(settings)
        made.append(root)
        return root

    yield make
    for root in made:
        said(command(root, "down"))


def command(root, *arguments):
    """Start `dagproof cluster …` in a repository."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "dagproof", "cluster", *arguments],
        cwd=root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def said(process, seconds=240):
    """Return exit code, standard output and standard error of a command."""
    out, err = process.communicate(timeout=seconds)
    return process.returncode, out, err


def started(root, seconds=60):
    """Return when members of a cluster run, though not all may be healthy."""
    logs = default_place(root).logs
    deadline = time.monotonic() + seconds
    while not (logs / "scheduler.log").exists():
        assert time.monotonic() < deadline, "no member has started"
        time.sleep(0.05)


def test_two_clusters_at_once_run_dags_and_leave_nothing(repository, left_of):
    with_redis, with_postgres = repository("one"), repository("other")
    ups = [
        command(
            with_redis,
            "up",
            "--env",
            "ANSWER=42",
            "--env",
            "MLFLOW_TRACKING_URI=http://127.0.0.1:1",
        ),
        command(with_postgres, "up", "--broker", "postgres", "--env", "ANSWER=43"),
    ]
    for up in ups:
        code, out, err = said(up)
        assert code == 0, err
        assert "http://127.0.0.1:" in out
    places = [default_place(root) for root in (with_redis, with_postgres)]
    records = [status(place) for place in places]
    assert [record.broker for record in records] == ["redis", "postgres"]
    assert len({record.url for record in records}) == 2
    for record, expected in zip(records, ("42", "43"), strict=True):
        rest = Rest(record)
        rest.await_dags(["answer"])
        run_id = rest.trigger("answer")
        assert rest.await_end("answer", run_id) == "success"
        path = f"/dags/answer/dagRuns/{run_id}/taskInstances/find"
        assert rest.get(f"{path}/xcomEntries/return_value")["value"] == expected
        assert "looking for it" in json.dumps(rest.get(f"{path}/logs/1"))

    check_mlflow_of_somebody_else_is_refused(Rest(records[0]))
    code, out, err = said(command(with_redis, "up"))
    assert (code, "up already" in err) == (0, True)
    assert records[0].url in out
    code, out, _ = said(command(with_redis, "status", "--format", "json"))
    assert code == 0
    told = json.loads(out)
    assert set(told["states"].values()) == {"healthy"}
    assert {"worker-2", "redis"} <= told["states"].keys()
    assert records[0].password not in out
    found = states(records[1])
    assert (found.pop("worker-1"), found.pop("worker-2")) == ("running", "running")
    assert set(found.values()) == {"healthy"}
    for name in ("worker-1", "redis"):
        check_told_when_stopped(records[0], name)
    check_redis_that_is_killed_loses_nothing(with_redis)

    assert said(command(with_redis, "down"))[0] == 0
    assert left_of(places[0].folder) == {}
    assert said(command(with_postgres, "status"))[0] == 0

    os.kill(records[1].pid, signal.SIGKILL)
    assert left_of(places[1].folder) == {}
    code, _, err = said(command(with_postgres, "status"))
    assert (code, err.count("\n")) == (3, 1)
    assert "dagproof cluster up" in err


def check_mlflow_of_somebody_else_is_refused(rest):
    rest.await_dags(["elsewhere"])
    run_id = rest.trigger("elsewhere")
    assert rest.await_end("elsewhere", run_id) == "failed"
    log = rest.get(f"/dags/elsewhere/dagRuns/{run_id}/taskInstances/log/logs/1")
    assert "dagproof lets nothing out to http://mlflow.invalid:5000" in json.dumps(log)


def check_told_when_stopped(record, name):
    """Stop a part as a hanging one stands still: status names it, and it is well again after."""
    [pid] = [member.pid for member in record.members if member.name == name]
    os.kill(pid, signal.SIGSTOP)
    try:
        await_state(record, name, "stopped")
    finally:
        os.kill(pid, signal.SIGCONT)
    await_state(record, name, "healthy")


def await_state(record, name, expected, seconds=20):
    deadline = time.monotonic() + seconds
    while (found := states(record)[name]) != expected:
        assert time.monotonic() < deadline, f"{name} is {found}"
        time.sleep(0.1)


def check_redis_that_is_killed_loses_nothing(root):
    """Kill the broker while tasks wait in it: it comes again, and each runs once."""
    record = status(default_place(root))
    rest = Rest(record)
    runs = [rest.trigger("answer") for _ in range(6)]
    [pid] = [member.pid for member in record.members if member.name == "redis"]
    os.kill(pid, signal.SIGKILL)
    for run_id in runs:
        assert rest.await_end("answer", run_id, 120) == "success"
        assert [task["try_number"] for task in rest.tasks("answer", run_id)] == [1]
    again = {member.name: member.restarts for member in status(default_place(root)).members}
    assert again.pop("redis") == 1
    assert set(again.values()) == {0}


@pytest.mark.parametrize(
    ("sign", "expected"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGINT, 130)]
)
def test_command_that_ends_while_it_starts_leaves_nothing(repository, left_of, sign, expected):
    root = repository("short")
    up = command(root, "up")
    started(root)

    up.send_signal(sign)

    assert said(up)[0] == expected
    assert left_of(default_place(root).folder, patience=20) == {}
    assert status(default_place(root)) is None


def test_down_while_it_starts_ends_it_and_the_one_who_waits_is_told(repository, left_of):
    root = repository("hasty")
    up = command(root, "up")
    started(root)
    assert said(command(root, "down"))[0] == 0
    code, _, err = said(up)
    assert (code, err.splitlines()[-1]) == (
        3, "dagproof: The cluster was taken down while it started."
    )  # fmt: skip
    assert left_of(default_place(root).folder) == {}


def test_port_in_use_is_one_sentence(repository, left_of):
    root = repository("busy")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        code, out, err = said(command(root, "up", "--port", port))

    assert (code, out) == (3, "")
    assert err.splitlines()[-1].startswith(f"dagproof: Port {port} of 127.0.0.1 cannot be had")
    assert left_of(default_place(root).folder) == {}


def test_redis_that_is_not_there_is_one_sentence(repository, monkeypatch):
    root = repository("bare")
    monkeypatch.setenv("PATH", "/nowhere")

    code, _, err = said(command(root, "up", "--broker", "redis"))

    assert code == 3
    assert err == (
        "dagproof: `redis-server` is not on the PATH; `--broker postgres` does without.\n"
    )
