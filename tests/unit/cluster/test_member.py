"""A member is a fork that runs Airflow, tells when it is ready, and takes its own along."""

import contextlib
import os
import signal
import sys
import time
from pathlib import Path

import pytest

from dagproof.cluster import member
from dagproof.cluster.member import Member, Part, parts
from dagproof.cluster.naming import MEMBER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs prctl")
WORKER = Part("worker-1", ("celery", "worker"), tells=True)


@pytest.fixture
def become(monkeypatch, tmp_path):
    """Give a function that forks a member which does something in place of Airflow."""
    made = []

    def make(run, part=WORKER, **more):
        monkeypatch.setattr(member, "run_component", run)
        made.append(Member(part, tmp_path / f"{part.name}.log", **more))
        return made[-1], tmp_path / f"{part.name}.log"

    yield make
    for one in made:
        one.signal(signal.SIGKILL)
        within(one.ended)
        one.close()


def within(condition, seconds=10):
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.01)
    return found


def test_a_deployment_has_every_part_and_the_workers_asked_for():
    found = parts("127.0.0.1", 8080, 3, 4)
    assert [part.name for part in found] == [
        "api-server", "scheduler", "dag-processor", "triggerer", "worker-1", "worker-2", "worker-3"
    ]  # fmt: skip
    assert found[0].arguments[:5] == ("api-server", "--host", "127.0.0.1", "--port", "8080")
    assert [part.name for part in found if part.tells] == ["worker-1", "worker-2", "worker-3"]
    assert [part.name for part in found if part.works] == ["worker-1", "worker-2", "worker-3"]
    assert "4" in found[-1].arguments
    assert found[-1].arguments[-2:] == ("--celery-hostname", "worker-3")
    unnamed = parts("127.0.0.1", 8080, 1, 4, named=False)
    assert "--celery-hostname" not in unnamed[-1].arguments


def test_it_runs_within_its_fence(become):
    inside = []

    @contextlib.contextmanager
    def fence():
        inside.append("fence")
        yield

    found, log = become(lambda *_: print(inside), fence=fence)
    within(found.ended)
    assert log.read_text() == "['fence']\n"


def test_it_runs_airflow_under_its_name_and_writes_to_its_log(become):
    def run(arguments, _):
        print(arguments, os.environ[MEMBER])
        print("and here", file=sys.stderr)

    one, log = become(run)

    assert within(one.ended)
    assert set(log.read_text().splitlines()) == {"('celery', 'worker') worker-1", "and here"}


def test_a_worker_is_ready_when_it_says_so_and_others_at_once(become):
    def run(_, ready):
        time.sleep(0.3)
        ready()
        time.sleep(60)

    one, _ = become(run)
    assert not one.ready()
    assert within(one.ready)
    assert not one.ended()

    other, _ = become(lambda *_: time.sleep(60), Part("scheduler", ("scheduler",)))
    assert other.ready()


def test_a_failure_is_in_the_log_and_ends_it(become):
    def run(*_):
        raise ValueError("no such luck")

    one, log = become(run)

    assert within(one.ended)
    assert not one.ready()
    assert log.read_text().endswith("ValueError: no such luck\n")


def test_airflow_that_exits_with_a_sentence_says_it_in_the_log(become):
    def run(*_):
        raise SystemExit("in use")

    one, log = become(run)

    assert within(one.ended)
    assert log.read_text() == "in use\n"


def test_it_keeps_no_descriptor_of_the_supervisor(become, tmp_path):
    with (tmp_path / "lock").open("w"):
        one, log = become(lambda *_: print(len(list(Path("/proc/self/fd").iterdir()))))
        assert within(one.ended)
    assert int(log.read_text()) <= 5  # three streams, the news, and the listing itself


def test_who_is_killed_takes_its_children_and_theirs_along(become):
    def run(*_):
        if not os.fork() and not os.fork():
            print(os.getpid(), flush=True)
        time.sleep(60)

    one, log = become(run)
    assert within(lambda: log.exists() and log.read_text())
    grandchild = int(log.read_text())

    os.kill(one.pid, signal.SIGKILL)

    assert within(lambda: not _runs(grandchild))


def test_child_of_a_thread_is_left_alone(become):
    def run(*_):
        import threading

        def fork():
            if not os.fork():
                time.sleep(0.5)
                print("lived on", flush=True)
                os._exit(0)
            time.sleep(0.2)

        thread = threading.Thread(target=fork)
        thread.start()
        thread.join()
        time.sleep(60)

    _, log = become(run)
    assert within(lambda: log.exists() and log.read_text() == "lived on\n")


def _runs(pid):
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return False
