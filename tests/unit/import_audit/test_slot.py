"""What a parent can tell of a child from outside."""

import os
import signal
import tempfile
from multiprocessing import Pipe
from pathlib import Path

import pytest

from dagproof.import_audit import slot
from dagproof.import_audit.slot import Slot, resident, signal_name, woken


def test_slot_in_which_no_child_lives_has_no_wire():
    with pytest.raises(RuntimeError, match="no child lives here"):
        _ = Slot().wire


def test_slot_has_the_wire_of_the_child_that_lives_in_it():
    there, here = Pipe()
    with there, here:
        lived_in = Slot()
        lived_in.asked = here

        assert lived_in.wire is here


@pytest.mark.parametrize("has_memory_files", [True, False])
def test_stacks_that_a_child_writes_can_be_read(monkeypatch, tmp_path, has_memory_files):
    if not has_memory_files:
        monkeypatch.delattr(os, "memfd_create", raising=False)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    report = Slot().report
    try:
        os.write(report, b"Fatal Python error")

        assert os.pread(report, 100, 0) == b"Fatal Python error"
        assert list(tmp_path.iterdir()) == [], "nothing of it has a name"
    finally:
        os.close(report)


@pytest.mark.parametrize(
    ("number", "name"), [(signal.SIGSEGV, "SIGSEGV"), (9, "SIGKILL"), (41, "signal 41")]
)
def test_signal_has_a_name_or_its_number(number, name):
    assert signal_name(number) == name


def test_memory_of_a_process_is_what_the_kernel_says():
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    told = resident(os.getpid()) / os.sysconf("SC_PAGESIZE")

    assert told == pytest.approx(pages, rel=0.2)


def test_memory_of_a_process_that_is_gone_is_nothing():
    child = os.fork()
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)

    assert resident(child) == 0


@pytest.mark.parametrize("text", ["", "12", "12 many"])
def test_memory_that_the_kernel_does_not_tell_is_nothing(monkeypatch, text):
    monkeypatch.setattr(slot.Path, "read_text", lambda *_, **__: text)

    assert resident(1) == 0


def test_news_is_taken_whole_and_told_once():
    there, here = Pipe()
    with there, here:
        os.write(there.fileno(), b"1" * 100)
        assert woken(here)

        assert not here.poll(), "nothing of it is left"


def test_child_that_has_closed_its_end_has_no_news():
    there, here = Pipe()
    with here:
        there.close()

        assert not woken(here)


def test_wire_that_is_broken_has_no_news():
    there, here = Pipe()
    with there, here:
        kept = os.dup(here.fileno())
        os.close(here.fileno())
        try:
            assert not woken(here)
        finally:
            os.dup2(kept, here.fileno())
            os.close(kept)
