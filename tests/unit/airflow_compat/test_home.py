"""The scratch `AIRFLOW_HOME` and what becomes of those whose process was killed."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dagproof.airflow_compat.home import is_scratch, scratch_home
from dagproof.model import UnavailableError

HOLD = """
import os, signal, sys
from dagproof.airflow_compat.home import scratch_home
with scratch_home() as home:
    print(home, flush=True)
    sys.stdin.read()
"""


def names(folder):
    return [path.name for path in folder.iterdir()]


@pytest.fixture(autouse=True)
def scratch(tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


@pytest.fixture
def holder(scratch):
    with subprocess.Popen(
        [sys.executable, "-c", HOLD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process, process.stdout.readline().strip()
        process.kill()


def test_home_is_empty_but_for_its_lock_and_gone_afterwards(scratch):
    with scratch_home() as home:
        assert names(home) == [".alive"]
        (home / "logs").mkdir()

    assert names(scratch) == []


def test_home_of_a_killed_process_goes_with_the_next_start(scratch, holder):
    process, home = holder
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert Path(home).is_dir()

    with scratch_home():
        assert not Path(home).exists()


def test_home_of_a_living_process_stays(scratch, holder):
    _, home = holder

    with scratch_home():
        pass

    assert Path(home).is_dir()


def test_home_that_is_being_made_stays_and_one_that_never_was_goes(scratch):
    (scratch / "dagproof-airflow-new").mkdir()
    old = scratch / "dagproof-airflow-old"
    old.mkdir()
    os.utime(old, (0, 0))

    with scratch_home():
        pass

    assert names(scratch) == ["dagproof-airflow-new"]


def test_other_folders_stay(scratch):
    (scratch / "dagproof").mkdir()
    os.utime(scratch / "dagproof", (0, 0))

    with scratch_home():
        pass

    assert names(scratch) == ["dagproof"]


def test_full_disk_is_one_sentence(monkeypatch):
    def refuse(**_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(tempfile, "mkdtemp", refuse)

    with pytest.raises(UnavailableError, match=r"No space left on device\. Free some space"):
        scratch_home().__enter__()


def test_scratch_homes_are_known_by_name():
    assert is_scratch("/tmp/dagproof-airflow-x")
    assert not is_scratch("/root/airflow")
