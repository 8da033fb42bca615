"""Three runs, in which order, from which state, and what is told of them."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from dagproof.airflow_compat import same_run
from dagproof.config import Settings
from dagproof.model import (
    Attempt,
    DagOutcome,
    LoggedRun,
    Snapshot,
    Stored,
    TableState,
    TaskError,
    TaskOutcome,
    UsageError,
)
from dagproof.repeating import passes
from dagproof.runner import RunOptions

EMPTY = Snapshot()
ONCE = Snapshot(tables=(TableState("public.t", 1, "a", {"n": "a"}),))
TWICE = Snapshot(tables=(TableState("public.t", 2, "b", {"n": "b"}),))
RUN = LoggedRun("r1", "e", "fit", "FINISHED")


def task(task_id="load", state="success", error=None, tries=1):
    return TaskOutcome(task_id, -1, state, tries, 0.1, error=error)


def outcome(state="success", *tasks):
    return DagOutcome("d", "r", state, tasks or (task(state=state),), 1.0, path="/d.py")


class World:
    """Stands for services, Airflow and a DAG; `log` holds what was asked, in order."""

    def __init__(self):
        self.log = []
        self.now = EMPTY
        self.cut = ()
        self.after = [ONCE, ONCE, ONCE]  # what each run leaves
        self.outcomes = [outcome()] * 3
        self.dies = True
        self.settings = Settings(Path("/repo"), (Path("/repo/dags"),))
        self.environment = {}
        self.tenancy = SimpleNamespace(environment={})
        self.options = []
        self.seconds = 0.5

    # the session
    def ready(self):
        self.log.append("ready")

    def reset(self):
        self.log.append("reset")
        self.now = EMPTY

    def run(self, dag, options, env):
        self.log.append(("run", dag))
        self.options.append((options, env, self.moment))
        number = sum(one == ("run", dag) for one in self.log) - 1
        for companion in options.companions:
            if isinstance(companion, passes.DyingWorkers) and self.dies:
                companion.died.add(("load", -1))
        for companion in options.companions:
            if isinstance(companion, passes.Watch):
                with companion(Attempt("load", -1, 1)):
                    self.now = self.after[number]
        self.now = self.after[number]
        return self.outcomes[number]

    # the observer
    def begin(self):
        self.log.append("begin")
        return replace(self.now, cut=self.cut)

    def take(self):
        return replace(self.now, cut=self.cut)


@pytest.fixture
def world(monkeypatch):
    world = World()
    world.moment = None

    def run_after(moment):
        world.moment = moment
        return same_run.contextlib.nullcontext()

    monkeypatch.setattr(passes, "Observer", lambda environment, root: world)
    monkeypatch.setattr(passes, "run_after", run_after)
    return world


def test_dag_is_run_twice_and_once_more_from_clean_state_as_one_dag_run(world):
    labels = []
    found = passes.repeat(world, "d", RunOptions(conf={"a": 1}), {"E": "1"}, on_run=labels.append)

    assert world.log == [
        "ready", "begin", ("run", "d"), ("run", "d"), "reset", "begin", ("run", "d"),
    ]  # fmt: skip
    assert labels == ["first run", "the same again", "every task retried"]
    assert [run.label for run in found.runs] == labels
    assert len({(one.logical_date, moment) for one, _, moment in world.options}) == 1
    assert all(one.logical_date == moment for one, _, moment in world.options)
    assert [(one.conf, env) for one, env, _ in world.options] == [({"a": 1}, {"E": "1"})] * 3
    assert found.differences == ()
    assert found.repeatable
    assert (found.dag_id, found.path, found.looking) == ("d", "/d.py", 0.5)
    assert str(found) == ""


def test_logical_date_that_was_asked_for_stays(world):
    from datetime import UTC, datetime

    asked = datetime(2023, 1, 1, tzinfo=UTC)
    passes.repeat(world, "d", RunOptions(logical_date=asked))
    assert {one.logical_date for one, _, _ in world.options} == {asked}


def test_companions_that_were_asked_for_stay_outermost(world):
    mine = passes.DyingWorkers()
    passes.repeat(world, "d", RunOptions(companions=(mine,), stubs={"s": 1}))
    assert all(one.companions[0] is mine for one, _, _ in world.options)
    workers = world.options[2][0].companions[-1]
    assert isinstance(workers, passes.DyingWorkers)
    assert workers._spared == {"s": 1}


def test_what_a_second_run_changes_is_told_with_the_task_and_once(world):
    world.after = [ONCE, TWICE, TWICE]
    [difference] = passes.repeat(world, "d", RunOptions()).differences
    assert str(difference) == "`load`: table `public.t` has 1 row after one run and 2 after two"
    assert not difference.retried


def test_what_only_retries_change_is_told_of_them(world):
    world.after = [ONCE, ONCE, TWICE]
    [difference] = passes.repeat(world, "d", RunOptions()).differences
    assert (
        difference.message
        == "table `public.t` has 1 row after one run and 2 after one with retries"
    )
    assert difference.retried
    assert not difference.duplicate_tracking


def test_doubled_runs_are_told_of_both(world):
    one, two = Snapshot(runs=(RUN,)), Snapshot(runs=(RUN, replace(RUN, run_id="r2")))
    world.after = [one, two, two]
    found = passes.repeat(world, "d", RunOptions()).differences
    assert [each.duplicate_tracking for each in found] == [False, True]


def test_without_a_retry_the_third_run_is_one_from_clean_state(world):
    world.dies = False
    world.after = [ONCE, ONCE, TWICE]
    found = passes.repeat(world, "d", RunOptions())
    assert found.runs[2].label == "again from clean state"
    assert [one.message for one in found.differences] == [
        "table `public.t` has 1 row after one run and 2 after another from clean state"
    ]
    assert not found.differences[0].retried


def test_a_first_run_that_fails_is_the_only_one(world):
    world.outcomes = [outcome("failed")]
    found = passes.repeat(world, "d", RunOptions())
    assert len(found.runs) == 1
    assert found.differences == ()
    assert not found.repeatable
    assert str(found) == "first run: failed"


def test_a_later_run_that_fails_is_a_difference_and_not_compared(world):
    error = TaskError("FileExistsError", "`a`\nis there.", "")
    world.outcomes = [outcome(), outcome("failed", task(state="failed", error=error)), outcome()]
    world.after = [ONCE, TWICE, ONCE]
    found = passes.repeat(world, "d", RunOptions())
    assert str(found).splitlines() == [
        "the same again: failed",
        "`load`: it succeeds once and fails a second time (FileExistsError: 'a' is there)",
    ]


def test_a_failure_that_repeats_with_retries_is_told_once(world):
    world.outcomes = [outcome(), outcome("failed"), outcome("failed")]
    assert len(passes.repeat(world, "d", RunOptions()).differences) == 1


def test_a_run_that_ends_without_a_failed_task_is_the_dag_s_failure(world):
    world.outcomes = [outcome(), outcome(), outcome("timeout", task())]
    [difference] = passes.repeat(world, "d", RunOptions()).differences
    assert difference.message == "it succeeds once and ends as `timeout` when it is retried"
    assert (difference.name, difference.tasks, difference.retried) == ("d", (), True)


def test_long_errors_are_cut(world):
    error = TaskError("E", "x" * 500, "")
    world.outcomes = [outcome(), outcome("failed", task(state="failed", error=error)), outcome()]
    [difference] = passes.repeat(world, "d", RunOptions()).differences
    assert difference.message.endswith("x…)")


def test_services_that_are_not_empty_are_refused_with_the_way_out(world):
    stored = Stored("s3://b/x", 1, "e")
    world.now = replace(ONCE, objects=(stored, stored))
    with pytest.raises(UsageError) as refusal:
        passes.repeat(world, "d", RunOptions())
    assert str(refusal.value) == (
        "DAG `d` is to be run from clean state twice, but the services hold 2 objects, 1 table "
        "already; put them there by `prepare=`, a function that is called each time."
    )
    assert ("run", "d") not in world.log


def test_preparation_is_done_in_clean_state_before_the_first_and_the_third_run(world):
    def prepare():
        assert world.now is EMPTY
        world.log.append("prepare")

    world.now = ONCE
    passes.repeat(world, "d", RunOptions(), prepare=prepare)
    assert world.log == [
        "ready", "begin", "reset", "begin", "prepare", ("run", "d"), ("run", "d"),
        "reset", "begin", "prepare", ("run", "d"),
    ]  # fmt: skip


def test_preparation_in_clean_state_needs_no_reset(world):
    passes.repeat(world, "d", RunOptions(), prepare=lambda: None)
    assert world.log.count("reset") == 1


def test_globs_of_the_settings_hold_unless_others_are_given(world):
    world.after = [ONCE, TWICE, TWICE]
    world.settings = replace(world.settings, repeatable_except=("table:public.t",))
    assert passes.repeat(world, "d", RunOptions()).differences == ()
    again = World()
    vars(world).update(vars(again), settings=world.settings, after=[ONCE, TWICE, TWICE])
    assert len(passes.repeat(world, "d", RunOptions(), globs=()).differences) == 1


def test_what_was_cut_is_noted_once(world):
    world.cut = ("Only a part.",)
    assert passes.repeat(world, "d", RunOptions()).notes == ("Only a part.",)


def test_a_look_that_took_too_long_is_noted_where_something_differs(world, monkeypatch):
    monkeypatch.setattr(passes, "_LOOKING_SECONDS", 0.0)
    world.outcomes = [replace(one, seconds=0.0) for one in world.outcomes]
    world.after = [ONCE, TWICE, ONCE]
    found = passes.repeat(world, "d", RunOptions())
    assert found.notes == ("Which tasks changed what was not looked at to the end: it took long.",)
    assert found.differences[0].tasks == ()


def test_a_data_root_that_is_a_folder_is_stood_in_for(world, tmp_path):
    (tmp_path / "in.txt").write_text("given")
    world.environment = {"DATA_ROOT": tmp_path.as_uri()}
    passes.repeat(world, "d", RunOptions(), {"E": "1"})
    roots = {env["DATA_ROOT"] for _, env, _ in world.options}
    assert len(roots) == 1
    assert tmp_path.as_uri() not in roots
    assert (tmp_path / "in.txt").read_text() == "given"
