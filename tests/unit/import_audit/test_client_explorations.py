"""Every file is explored to its end, or until too much of it has ended its process."""

import pytest

from dagproof.import_audit import client as module
from dagproof.import_audit.client import Target, Watchers, Watching
from dagproof.import_audit.explorations import Ended
from dagproof.import_audit.orders import Explorer, Mode, Outcome

RESULT = {"errors": [], "spans": {}, "dag_ids": []}


@pytest.fixture
def explored(tmp_path):
    """Have files explored; return what was said of each by its name, in order."""

    def explored(*names, started=lambda: None, modules=()):
        watching = Watching(
            [str(tmp_path)], [], {}, tmp_path, tmp_path, str(tmp_path), lambda path: path.name
        )
        targets = [Target(f"{tmp_path}/{name}", str(tmp_path)) for name in names]
        with Watchers(watching) as watchers:
            told = list(watchers.explorations(targets, modules, started))
        return {one.trace.path: one for one in told}

    return explored


def ended(job, ending="SIGSEGV"):
    """Return what becomes of a job whose process ends with what it begins last."""
    left = [one for one in ("x", "y", "z", "u", "v") if ("etl", "load", one) not in job.skipped]
    said = [{"begun": ["etl", "load", one]} for one in left[:1]]
    return Outcome(job, ending=ending if left else "", result=RESULT, explored=said)


def test_every_file_is_explored_once_in_one_process(zygotes, explored):
    zygotes.outcome = lambda job: Outcome(job, result=RESULT, explored=[{"broken": job.path}])
    told = explored("a", "b")

    assert sorted(told) == ["a", "b"]
    assert all(one.complete and not one.ended for one in told.values())
    assert [one.records[0]["broken"] for one in told.values()] == [
        one.path for one in told.values()
    ]
    assert zygotes.started == ["first"]
    assert [mode for _, _, mode in zygotes.done] == [Mode.EXPLORE, Mode.EXPLORE]


def test_no_file_is_no_work(zygotes, explored):
    assert explored() == {}


def test_loading_is_told_once(zygotes, explored):
    calls = []
    explored("a", "b", started=lambda: calls.append(1))

    assert calls == [1]


def test_file_goes_on_without_what_ended_its_process(zygotes, explored):
    def once(job):
        if job.path.endswith("b") and not job.skipped:
            return ended(job)
        return Outcome(job, result=RESULT, explored=[{"tried": {}}])

    zygotes.outcome = once
    told = explored("a", "b")

    assert told["b"].ended == (Ended(("etl", "load", "x"), "SIGSEGV"),)
    assert told["b"].complete
    assert told["b"].records == ({"tried": {}},)
    assert told["a"].ended == ()


def test_file_whose_process_ends_again_and_again_is_given_up(zygotes, explored):
    zygotes.outcome = ended
    told = explored("a")

    assert [one.begun[2] for one in told["a"].ended] == ["x", "y", "z", "u"]
    assert not told["a"].complete
    assert len(zygotes.done) == 4


def test_file_with_which_the_process_of_all_files_ends_is_not_complete(zygotes, explored):
    zygotes.deadly = lambda *_: True
    told = explored("a")

    assert not told["a"].complete
    assert told["a"].records == ()


def test_explorer_is_handed_to_the_processes(tmp_path, monkeypatch):
    monkeypatch.setattr(module.Watchers, "_start", lambda *_: None)
    explorer = Explorer("a.b", {"examples": 3}, 9.0)
    watching = Watching([], [], {}, tmp_path, tmp_path, "", str, explorer=explorer)

    assert Watchers(watching)._surroundings(None).explorer is explorer
