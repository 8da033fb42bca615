"""Who uses a service."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from dagproof.model import UnavailableError
from dagproof.services.external import holder


@pytest.fixture(autouse=True)
def impatience(monkeypatch):
    monkeypatch.setattr(holder, "PATIENCE_SECONDS", 0.3)
    monkeypatch.setattr(holder, "_POLL_SECONDS", 0.01)


def test_a_holder_is_read_as_it_was_written():
    us = holder.this_process("gw0")

    assert holder.read(us.written()) == us
    assert us.is_same(holder.read(us.written()))
    assert not us.is_same(holder.this_process("gw0"))
    assert not us.is_same(None)
    assert str(us).startswith(f"process {os.getpid()} on ")
    assert str(us).endswith(" (worker gw0)")
    assert us.machine.partition("/")[2] not in str(us)


@pytest.mark.parametrize("document", [None, "x", {}, {"token": "x"}, {"unknown": 1}, []])
def test_anything_else_is_no_holder(document):
    assert holder.read(document) is None


@pytest.mark.parametrize("text", ["", "{", "[]", "1"])
def test_a_mark_that_is_no_json_object_says_nothing(text):
    assert holder.read_text(text) == {}


def test_only_a_process_that_runs_here_is_alive():
    us = holder.this_process("main")
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    assert us.is_alive_here()
    assert not replace(us, pid=ended.pid).is_alive_here()
    assert not replace(us, started=us.started + 1).is_alive_here(), "its number was given anew"
    assert not replace(us, machine="elsewhere/boot").is_alive_here()


def test_a_process_that_may_not_be_signalled_is_alive(monkeypatch):
    def refuse(_pid, _sign):
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    assert holder.this_process("main").is_alive_here()


def test_without_proc_a_number_is_all_there_is(monkeypatch):
    def missing(*_args, **_options):
        raise FileNotFoundError

    monkeypatch.setattr(holder.Path, "read_text", missing)
    us = holder.this_process("main")

    assert us.started == 0
    assert us.machine.endswith("/")
    assert us.is_alive_here()


def test_a_predecessor_that_leaves_is_waited_for():
    us = holder.this_process("main")
    answers = iter([us, us, None])

    holder.wait_for_predecessor(lambda: next(answers), "The service", "VARIABLE")
    assert list(answers) == []


def test_a_predecessor_that_stays_is_told_with_the_way_out():
    us = holder.this_process("gw1")
    with pytest.raises(UnavailableError) as refusal:
        holder.wait_for_predecessor(lambda: us, "The service", "VARIABLE")
    assert str(refusal.value).startswith(f"The service is in use by {us}. ")
    assert "`{worker}` in `VARIABLE`" in str(refusal.value)


def test_whoever_took_a_service_is_told():
    us, other = holder.this_process("gw0"), holder.this_process("gw1")
    us.must_be(us, "The service", "VARIABLE")
    with pytest.raises(UnavailableError, match=r"was taken by process \d+ on .* \(worker gw1\)"):
        us.must_be(other, "The service", "VARIABLE")
    with pytest.raises(UnavailableError, match="was taken by somebody who removed its mark"):
        us.must_be(None, "The service", "VARIABLE")
