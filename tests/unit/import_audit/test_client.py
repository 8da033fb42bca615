"""Every file gets its trace, whichever process ends with whichever file."""

import time
from multiprocessing import Pipe
from threading import Thread

import pytest

from dagproof.import_audit import client as module
from dagproof.import_audit.client import Target, Watchers, Watching
from dagproof.import_audit.given import Given, nothing_given
from dagproof.import_audit.importer import Process
from dagproof.import_audit.orders import Mode, Outcome
from dagproof.model import Ending

RESULT = {"dags": {}, "errors": [], "spans": {}}


class Ended:
    """Stands for a process, of which only its exit is asked for."""

    def wait(self, _=None):
        """Return the exit code."""
        return -9

    def kill(self):
        """Do nothing: a thread stands for it, which ends when nobody is there to ask it."""


class Zygotes:
    """Processes that do jobs in threads, and end with some of them.

    Attributes:
        deadly: says whether a process under some conditions ends with a job, or a file's name.
        started: names of the conditions of all processes.
        done: modes in which files were imported to the end.
    """

    def __init__(self, log):
        self.log = log
        self.deadly = lambda _, __: False
        self.started = []
        self.done = []

    def start(self, conditions):
        """Start a process."""
        self.started.append(conditions.name)
        ours, theirs = Pipe()
        given = nothing_given()
        Thread(target=self._live, args=(conditions.name, theirs, given), daemon=True).start()
        return Process(Ended(), ours, given, self.log)

    def _live(self, conditions, wire, given):
        with wire:
            wire.recv()
            wire.send("ready")
            while jobs := wire.recv():
                for job in jobs:
                    Given(given.descriptor).add(job)
                    if self.deadly(conditions, job):
                        return
                    self.done.append((conditions, job.path, job.mode))
                    wire.send(Outcome(job, result={**RESULT, "dag_ids": [job.path]}))


@pytest.fixture
def zygotes(tmp_path, monkeypatch):
    log = tmp_path / "first.log"
    log.write_text("", "utf-8")
    zygotes = Zygotes(log)
    monkeypatch.setattr(module.Watchers, "_start", lambda _, given: zygotes.start(given))
    return zygotes


@pytest.fixture
def traced(tmp_path):
    """Have files imported; return what is seen of each by its name."""

    def traced(*names, twice=True):
        watching = Watching(
            [str(tmp_path)], [], {}, tmp_path, tmp_path, str(tmp_path), lambda path: path.name
        )
        targets = [Target(f"{tmp_path}/{name}", str(tmp_path), twice=twice) for name in names]
        with Watchers(watching) as watchers:
            return {trace.path: trace for trace in watchers.traces(targets, [], lambda: None)}

    return traced


def test_every_file_is_imported_by_both_processes(zygotes, traced):
    traces = traced("a", "b", "c")

    assert {trace.ending for trace in traces.values()} == {Ending.IMPORTED}
    assert sorted(zygotes.started) == ["first", "second"]
    assert len(zygotes.done) == 6


@pytest.mark.parametrize("twice", [True, False])
def test_file_with_which_every_process_ends_is_to_blame_and_is_asked_for_no_more(
    zygotes, traced, twice
):
    zygotes.deadly = lambda _, job: job.path.endswith("b")
    traces = traced("a", "b", "c", twice=twice)

    assert {path: trace.ending for path, trace in traces.items()} == {
        "a": Ending.IMPORTED, "b": Ending.CRASHED, "c": Ending.IMPORTED,
    }  # fmt: skip
    assert traces["b"].crash.span.path == "b"
    assert traces["b"].crash.what.endswith("twice: signal SIGKILL")
    assert zygotes.started.count("first") == 3
    assert zygotes.started.count("second") == (3 if twice else 0)


def test_file_with_which_only_the_second_process_ends_differs(zygotes, traced):
    zygotes.deadly = lambda name, job: name == "second" and job.path.endswith("b")
    traces = traced("a", "b", "c")

    assert {trace.ending for trace in traces.values()} == {Ending.IMPORTED}
    assert [(one.where, one.second) for one in traces["b"].differences] == [
        ("the import", "SIGKILL")
    ]
    assert not traces["a"].differences
    assert not traces["c"].differences


@pytest.mark.parametrize("which", ["first", "second"])
def test_process_that_ends_once_changes_nothing(zygotes, traced, which):
    def once(name, job):
        return name == which and job.path.endswith("b") and zygotes.started.count(which) == 1

    zygotes.deadly = once
    traces = traced("a", "b", "c")

    assert {trace.ending for trace in traces.values()} == {Ending.IMPORTED}
    assert sorted(zygotes.started) == sorted(["first", "second", which])
    assert [mode for name, path, mode in zygotes.done if path.endswith("b")].count(Mode.ALONE) == 1


def test_first_process_may_end_with_its_last_file_before_the_second_is_done(zygotes, traced):
    def last_of_first(name, job):
        if name == "second":
            time.sleep(0.1)
        return name == "first" and job.path.endswith("c")

    zygotes.deadly = last_of_first
    traces = traced("a", "b", "c")

    assert [trace.ending for _, trace in sorted(traces.items())] == [
        Ending.IMPORTED, Ending.IMPORTED, Ending.CRASHED,
    ]  # fmt: skip
    assert zygotes.started.count("first") == 2
