"""Reading and the audit run once for all processes of a session, and leave no trace in them."""

import gc
import os
import signal
import subprocess
import sys

import pytest

from dagproof.config import Settings
from dagproof.model import ContractTrace, Report, Unread
from dagproof.pytest_items.belonging import Selection
from dagproof.pytest_items.evidence import Evidence
from dagproof.pytest_items.told import Untried

HOLD = """
import fcntl, sys, time
lock = open(sys.argv[1], "w")
fcntl.flock(lock, fcntl.LOCK_EX)
print("locked", flush=True)
time.sleep(60)
"""


@pytest.fixture
def selection(tmp_path):
    return Selection(tmp_path, frozenset(), frozenset(), repository=True)


@pytest.fixture
def evidence(tmp_path):
    """Make what one process of a session knows."""

    def evidence(**environ):
        settings = Settings(tmp_path, (tmp_path / "dags",))
        shared = tmp_path / "shared"
        shared.mkdir(exist_ok=True)
        return Evidence(settings, environ, shared)

    return evidence


@pytest.fixture
def asked(monkeypatch):
    """Return what the fake of the audit was asked, and where."""
    asked = []

    def audit(settings, request):
        gc.freeze()
        gc.set_threshold(gc.get_threshold()[0] + 1)
        asked.append((os.getcwd(), dict(os.environ)))  # noqa: PTH109 - as text
        return Report(notes=("seen",))

    monkeypatch.setattr("dagproof.audit.audit", audit)
    return asked


def test_second_process_takes_the_answer_of_the_first(evidence, asked, selection):
    assert evidence().about("effects", selection).notes == ("seen",)
    assert evidence().about("stability", selection).notes == ("seen",)
    assert len(asked) == 1


def test_untried_files_cross_processes(evidence, tmp_path, monkeypatch):
    file = tmp_path / "dags" / "a.py"
    selection = Selection(tmp_path, frozenset({file}), frozenset({file}), repository=False)
    report = Report(
        contracts=(ContractTrace(str(file), failure="it does not import"),),
        errors=(Unread(str(file), "it does not import"),),
    )
    asked = []
    monkeypatch.setattr("dagproof.proving.prove", lambda *_: asked.append(1) or report)

    for question in ("params", "xcom"):
        told = evidence().about(question, selection)
        assert told.untried == {str(file): Untried("it does not import", by_import=True)}
    assert asked == [1]


def test_process_that_dies_with_the_lock_leaves_the_work_to_the_next(
    evidence, asked, selection, tmp_path
):
    one = evidence()
    command = [sys.executable, "-c", HOLD, str(tmp_path / "shared" / "audit.lock")]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        os.kill(holder.pid, signal.SIGKILL)
        assert one.about("effects", selection).notes == ("seen",)
    assert len(asked) == 1


def test_audit_sees_the_folder_and_environment_in_which_the_session_began(
    evidence, asked, selection, tmp_path, monkeypatch
):
    monkeypatch.setenv("LEFT_BY_A_TEST", "1")

    evidence(A="b").about("effects", selection)

    assert asked == [(str(tmp_path), {"A": "b"})]
    assert os.environ["LEFT_BY_A_TEST"] == "1"


def test_garbage_collector_is_left_as_it_was(evidence, asked, selection):
    gc.unfreeze()  # whatever earlier tests have left
    before = gc.get_threshold(), gc.get_freeze_count()

    evidence().about("effects", selection)

    assert (gc.get_threshold(), gc.get_freeze_count()) == before
