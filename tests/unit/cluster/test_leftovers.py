"""Processes of a cluster are found and ended, and those of others are not."""

import os
import subprocess
import sys
import textwrap
import time

import pytest

from dagproof.cluster.leftovers import below, end_leftovers, of_cluster
from dagproof.cluster.surroundings import OWNER

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="needs /proc")


@pytest.fixture
def sleeper():
    started = []

    def start(folder):
        process = subprocess.Popen(["sleep", "60"], env={**os.environ, OWNER: str(folder)})
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.wait()


def test_leftovers_of_one_cluster_are_ended_and_those_of_another_live_on(sleeper, tmp_path):
    mine, other = sleeper(tmp_path / "a"), sleeper(tmp_path / "ab")
    assert list(of_cluster(tmp_path / "a")) == [mine.pid]

    assert end_leftovers(tmp_path / "a") == 1

    assert mine.wait(5) == -9
    assert other.poll() is None
    assert end_leftovers(tmp_path / "a") == 0


def test_whoever_asks_is_none_of_the_leftovers(tmp_path):
    code = (
        "from dagproof.cluster.leftovers import of_cluster; "
        f"print(list(of_cluster({str(tmp_path)!r})))"
    )
    env = {**os.environ, OWNER: str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"


def test_processes_below_are_found_at_any_depth(sleeper):
    shell = subprocess.Popen(["sh", "-c", "sleep 61 & wait"])
    try:
        deadline = time.monotonic() + 5
        while len(found := list(below(os.getpid()))) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        assert found[0] == shell.pid or shell.pid in found
        [child] = below(shell.pid)
        assert child in found
    finally:
        os.kill(child, 9)
        shell.wait()


def test_orphans_are_adopted_and_ended():
    code = textwrap.dedent(
        """
        import os, subprocess, time
        from dagproof.cluster.leftovers import adopt_orphans, below, end_all_below
        adopt_orphans()
        subprocess.run(["sh", "-c", "setsid sleep 62 & setsid sleep 63 &"], check=True)
        time.sleep(0.2)
        before = len(list(below(os.getpid())))
        end_all_below()
        print(before, len(list(below(os.getpid()))))
        """
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "2 0\n"
