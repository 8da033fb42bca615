"""Runs go on in another process when a task ends the one that they are in."""

from pathlib import Path

import pytest

from dagproof.config import ConfiguredRun, Settings
from dagproof.gate.messages import (
    AttemptEnded,
    RunBegins,
    RunEnded,
    TaskBegins,
    Told,
    Unable,
)
from dagproof.gate.process import Ended
from dagproof.gate.runs import run_all
from dagproof.model import DagOutcome, Report, TaskOutcome, TrackedRun, Tracking

SETTINGS = Settings(Path("/repository"), ())
RUNS = [ConfiguredRun(dag) for dag in ("first", "second", "third")]


def task(label="load", state="success", tries=1, index=-1):
    return TaskOutcome(label, index, state, tries, 0.5)


def outcome(dag):
    return DagOutcome(dag, "r", "success", (task(),), 1.0)


def tracked(name):
    return Tracking((TrackedRun(name, name, "e", "FINISHED", {}, {}),))


class Processes:
    """Processes that say what a test wants, one after the other."""

    def __init__(self, *processes):
        self.left = list(processes)
        self.asked = []

    def __call__(self, work, on_message):
        self.asked.append(tuple(run.dag for run in work.more["runs"]))
        messages, ended = self.left.pop(0)
        for message in messages:
            on_message(message)
        return ended


def run(processes, runs=RUNS, **files):
    heard = []
    answer = run_all(SETTINGS, runs, "external", heard.append, files, processes)
    return answer, heard


def ran(dag):
    return [RunBegins(dag), TaskBegins("load"), AttemptEnded(task()), RunEnded(outcome(dag))]


def told(*dags, name="m"):
    report = Report(runs=tuple(map(outcome, dags)), tracking=tracked(name))
    return Ended(Told(report), "exit code 0", "")


def died(ending="signal SIGSEGV", printed="last words"):
    return Ended(None, ending, printed)


def test_runs_of_one_process_are_told_as_it_tells_them():
    answer, heard = run(Processes((ran("first"), told("first"))), RUNS[:1])
    assert answer.report.runs == (outcome("first"),)
    assert answer.report.tracking == tracked("m")
    assert RunBegins("first") in heard


def test_process_is_asked_for_the_services_that_were_asked_for():
    asked = []

    def start(work, _on_message):
        asked.append((work.stage, work.more["backend"]))
        return told()

    run_all(SETTINGS, RUNS, "external", asked.append, {}, start)
    assert asked == [("run", "external")]


def test_task_that_ends_the_process_has_failed_and_the_dags_behind_it_are_run():
    dying = [*ran("first"), RunBegins("second"), AttemptEnded(task("a")), TaskBegins("fit")]
    processes = Processes((dying, died()), (ran("third"), told("third")))

    answer, _ = run(processes, second="/repository/dags/second.py")

    assert processes.asked == [("first", "second", "third"), ("third",)]
    first, second, third = answer.report.runs
    assert (first.dag_id, third.dag_id) == ("first", "third")
    assert (second.dag_id, second.state, second.path) == (
        "second",
        "failed",
        "/repository/dags/second.py",
    )
    assert [(one.label, one.state) for one in second.tasks] == [("a", "success"), ("fit", "failed")]
    [failure] = second.failures
    assert failure.error.message == "its process ended in the middle of it: signal SIGSEGV"
    assert "last words" in failure.error.traceback
    assert second.error is None


def test_retry_that_ends_the_process_counts_its_tries():
    dying = [RunBegins("first"), AttemptEnded(task(state="up_for_retry")), TaskBegins("load")]
    answer, _ = run(Processes((dying, died())), RUNS[:1])
    [only] = answer.report.runs[0].tasks
    assert (only.state, only.tries) == ("failed", 2)


def test_mapped_task_that_ends_the_process_keeps_its_index():
    dying = [RunBegins("first"), TaskBegins("fit[3]")]
    answer, _ = run(Processes((dying, died())), RUNS[:1])
    [only] = answer.report.runs[0].tasks
    assert (only.task_id, only.map_index) == ("fit", 3)


def test_run_that_ends_the_process_outside_any_task_has_failed():
    answer, _ = run(Processes(([RunBegins("first")], died("exit code 7"))), RUNS[:1])
    [only] = answer.report.runs
    assert (only.state, only.tasks) == ("failed", ())
    assert only.error.message == "its process ended in the middle of it: exit code 7"


def test_process_that_ends_before_any_run_could_not_look():
    answer, _ = run(Processes(([], died("exit code 1", "Traceback\nno space left"))))
    assert answer == Unable(
        "The process of the runs ended before any of them began: exit code 1. "
        "It said last: no space left",
        3,
    )


def test_process_that_says_nothing_at_all_could_not_look():
    answer, _ = run(Processes(([], died("exit code 1", ""))))
    assert answer.message.endswith("exit code 1.")


def test_refusal_is_handed_on():
    refusal = Unable("No Docker.", 3)
    answer, _ = run(Processes(([], Ended(refusal, "exit code 0", ""))))
    assert answer is refusal


@pytest.mark.parametrize("exit_code", [2, 3])
def test_refusal_after_some_runs_says_which_were_run(exit_code):
    refusal = Ended(Unable("There is no DAG `second`.", exit_code), "exit code 0", "")
    answer, _ = run(Processes((ran("first"), refusal)))
    assert answer == Unable("There is no DAG `second`. It had run: first (success).", exit_code)


def test_what_mlflow_holds_after_each_process_is_kept():
    processes = Processes(
        ([RunBegins("first"), TaskBegins("load")], died()), (ran("second"), told("second"))
    )
    answer, _ = run(processes, RUNS[:2])
    assert answer.report.tracking == tracked("m")
