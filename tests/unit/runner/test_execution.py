"""What is written down of a run, with `execute` replaced by a script of attempts."""

import os
import sys
import time
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from dagproof.airflow_compat import execution
from dagproof.airflow_compat.execution import (
    Attempt,
    AttemptResult,
    FinalState,
    FinishedRun,
    Interruption,
)
from dagproof.airflow_compat.xcom_pushes import Push
from dagproof.airflow_compat.xcoms import Trip
from dagproof.model import TriggeredRun, UsageError, XComRecord, XComTrouble
from dagproof.runner import RunOptions, check_question, run_dag

DAG = SimpleNamespace(dag_id="taxi", task_ids=["prepare", "fit"])


def attempt(task_id="fit", map_index=-1, try_number=1, result="success", during=lambda: None):
    """One attempt, and what it does; `result` is a state, or an exception that fails it."""

    def proceed():
        during()
        if isinstance(result, str):
            return AttemptResult(result, None)
        return AttemptResult("failed", result)

    return Attempt(task_id, map_index, try_number), proceed


def final(task_id="fit", state="success", map_index=-1, xcoms=None):
    return FinalState(task_id, map_index, state, 9, xcoms or {})


@pytest.fixture
def play(monkeypatch):
    """Run `DAG`, whose `execute` makes these attempts and leaves these final states."""

    def play(*attempts, left=None, state="success", options=None, roots=()):
        seen = {}

        def execute(dag, *, around, on_push, **rest):
            seen.update(rest, dag=dag, on_push=on_push)
            for one, proceed in attempts:
                around(one, proceed)
            ids = dict.fromkeys((one.task_id, one.map_index) for one, _ in attempts)
            tasks = [final(task_id, map_index=index) for task_id, index in ids]
            return FinishedRun("run-1", state, tasks if left is None else left)

        monkeypatch.setattr(execution, "execute", execute)
        outcome = run_dag(DAG, roots, options or RunOptions())
        play.seen = seen
        return outcome

    return play


def raise_(error):
    def raising():
        raise error

    return raising


def test_outcome_names_dag_run_and_state(play):
    outcome = play(attempt(), state="failed")

    assert (outcome.dag_id, outcome.run_id, outcome.state) == ("taxi", "run-1", "failed")


def test_question_is_passed_on(play):
    moment = datetime(2023, 1, 1, tzinfo=UTC)
    options = RunOptions(
        conf={"year": 2023},
        logical_date=moment,
        stubs={"fit": 1},
        real_retry_delays=True,
        targets=(Path("/dags/training.py"),),
    )

    play(options=options)

    assert play.seen == {
        "dag": DAG,
        "conf": {"year": 2023},
        "logical_date": moment,
        "stubs": {"fit": 1},
        "real_retry_delays": True,
        "on_push": None,
        "targets": (Path("/dags/training.py"),),
    }


def test_outcome_tells_which_runs_were_triggered(monkeypatch):
    begun = TriggeredRun("training", "drift__1", {"source": "file:///rows"})
    finished = FinishedRun("r", "success", [], triggered=[begun])
    monkeypatch.setattr(execution, "execute", lambda *_, **__: finished)

    assert run_dag(DAG, (), RunOptions()).triggered == (begun,)


def test_result_of_an_attempt_is_handed_back(monkeypatch):
    result = AttemptResult("success", None)
    handed = []

    def execute(_dag, *, around, **_):
        handed.append(around(Attempt("fit", -1, 1), lambda: result))
        return FinishedRun("r", "success", [])

    monkeypatch.setattr(execution, "execute", execute)
    run_dag(DAG, (), RunOptions())

    assert handed == [result]


def test_tries_and_seconds_add_up_over_retries(play, monkeypatch):
    clock = iter(range(100))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))

    task = play(
        attempt(try_number=1, result=ValueError("once")), attempt(try_number=2), left=[final()]
    ).task("fit")

    assert task.tries == 2
    assert task.seconds == 2  # each attempt looks twice at a clock that ticks when looked at


def test_seconds_of_the_run_are_between_its_ends(play, monkeypatch):
    clock = iter(range(100, 200))
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))

    assert play(attempt(), left=[final()]).seconds == 3


def test_task_that_succeeds_when_retried_has_no_error(play):
    task = play(attempt(result=ValueError("once")), attempt(try_number=2)).task("fit")

    assert (task.state, task.error) == ("success", None)


def test_error_is_that_of_the_last_attempt(play):
    task = play(
        attempt(result=ValueError("first")),
        attempt(try_number=2, result=ValueError("second")),
        left=[final(state="failed")],
    ).task("fit")

    assert task.error.message == "second"


def test_task_that_never_started_has_no_tries_and_comes_last(play):
    outcome = play(
        attempt("prepare", result=ValueError("no")),
        left=[final("fit", "upstream_failed"), final("prepare", "failed")],
    )

    assert [(task.task_id, task.tries) for task in outcome.tasks] == [("prepare", 1), ("fit", 0)]


def test_tasks_come_in_the_order_in_which_they_started(play):
    outcome = play(attempt("b"), attempt("a", 1), attempt("a", 0), attempt("b", try_number=2))

    assert [task.label for task in outcome.tasks] == ["b", "a[1]", "a[0]"]


def test_those_that_never_started_come_in_order_of_name(play):
    left = [final("z", "removed"), final("y", "removed", 1), final("y", "removed", 0)]

    assert [task.label for task in play(left=left).tasks] == ["y[0]", "y[1]", "z"]


def test_xcoms_are_those_that_were_read_back(play):
    assert play(attempt(), left=[final(xcoms={"rows": 3})]).xcom("fit", "rows") == 3


@pytest.mark.parametrize("state", ["success", "skipped", "upstream_failed"])
def test_only_a_failed_task_carries_its_error(play, state):
    assert (
        play(attempt(result=ValueError("no")), left=[final(state=state)]).task("fit").error is None
    )


def test_mapped_instances_are_told_apart(play):
    outcome = play(
        attempt(map_index=0),
        attempt(map_index=1, result=ValueError("no")),
        left=[final(map_index=0), final(map_index=1, state="failed")],
    )

    assert outcome.task("fit", 0).error is None
    assert outcome.task("fit", 1).error.message == "no"


def test_stubbed_task_is_marked_and_others_are_not(play):
    outcome = play(attempt("prepare"), attempt("fit"), options=RunOptions(stubs={"fit": 1}))

    assert [(task.task_id, task.stubbed) for task in outcome.tasks] == [
        ("prepare", False),
        ("fit", True),
    ]


# Leaks


def test_leak_is_put_back_and_reported_on_the_task_that_made_it(play, monkeypatch):
    monkeypatch.setenv("A_TEST", "before")
    seen = []
    outcome = play(
        attempt("prepare", during=lambda: os.environ.update(A_TEST="leaked")),
        attempt("fit", during=lambda: seen.append(os.environ["A_TEST"])),
    )

    assert seen == ["before"]
    assert [leak.name for leak in outcome.task("prepare").leaks] == ["A_TEST"]
    assert outcome.task("fit").leaks == ()


def test_leak_of_every_retry_is_told_once(play, monkeypatch):
    monkeypatch.delenv("A_TEST", raising=False)
    leak = {"during": lambda: os.environ.update(A_TEST="leaked")}
    outcome = play(attempt(result=ValueError("no"), **leak), attempt(try_number=2, **leak))

    assert len(outcome.task("fit").leaks) == 1


def test_leak_of_a_failed_first_try_is_still_told(play, monkeypatch):
    monkeypatch.delenv("A_TEST", raising=False)
    outcome = play(
        attempt(result=ValueError("no"), during=lambda: os.environ.update(A_TEST="leaked")),
        attempt(try_number=2),
    )

    assert [leak.name for leak in outcome.task("fit").leaks] == ["A_TEST"]


def imported(monkeypatch, root, name):
    made = ModuleType(name)
    made.__file__ = str(root / f"{name}.py")
    made.rows = []
    monkeypatch.setitem(sys.modules, name, made)
    return made


def test_globals_of_a_module_that_sys_modules_forgot_are_guarded(play, monkeypatch, tmp_path):
    steps = imported(monkeypatch, tmp_path, "steps")

    def forget():
        monkeypatch.delitem(sys.modules, "steps")

    outcome = play(
        attempt("prepare", during=forget),
        attempt("fit", during=lambda: steps.rows.append(1)),
        roots=[tmp_path],
    )

    assert [leak.name for leak in outcome.task("fit").leaks] == ["steps.rows"]


def test_globals_of_a_module_imported_by_a_task_are_guarded_from_the_next_on(
    play, monkeypatch, tmp_path
):
    outcome = play(
        attempt("prepare", during=lambda: imported(monkeypatch, tmp_path, "late").rows.append(0)),
        attempt("fit", during=lambda: sys.modules["late"].rows.append(1)),
        roots=[tmp_path],
    )

    assert outcome.task("prepare").leaks == ()
    assert [leak.name for leak in outcome.task("fit").leaks] == ["late.rows"]


# Told as it happens


def test_attempts_are_announced_and_told_as_they_end(play):
    told = []
    options = RunOptions(
        on_start=lambda label: told.append(f"start {label}"),
        on_task=lambda task: told.append(f"{task.label} {task.state} {task.tries}"),
        stubs={"fit": 1},
    )

    play(
        attempt("prepare", result="up_for_retry"),
        attempt("prepare", try_number=2),
        attempt("fit", 0),
        options=options,
    )

    assert told == [
        "start prepare",
        "prepare up_for_retry 1",
        "start prepare",
        "prepare success 2",
        "start fit[0]",
        "fit[0] success 1",
    ]


def test_attempt_that_is_tried_again_is_told_with_its_error(play):
    told = []
    retried = Attempt("fit", -1, 1), lambda: AttemptResult("up_for_retry", ValueError("no"))

    play(retried, options=RunOptions(on_task=told.append))

    assert told[0].error.message == "no"


def test_told_task_knows_its_leaks_and_its_stub(play, monkeypatch):
    monkeypatch.delenv("A_TEST", raising=False)
    told = []

    play(
        attempt(during=lambda: os.environ.update(A_TEST="leaked")),
        options=RunOptions(on_task=told.append, stubs={"fit": 1}),
    )

    assert [leak.name for leak in told[0].leaks] == ["A_TEST"]
    assert told[0].stubbed


# Debugger


def test_debugger_sees_the_failure_before_its_state_is_put_back(play, monkeypatch):
    monkeypatch.setenv("A_TEST", "before")
    error = ValueError("no")
    seen = []

    play(
        attempt(result=error, during=lambda: os.environ.update(A_TEST="leaked")),
        options=RunOptions(debugger=lambda caught: seen.append((caught, os.environ["A_TEST"]))),
    )

    assert seen == [(error, "leaked")]


def test_debugger_is_not_called_for_a_success(play):
    play(attempt(), options=RunOptions(debugger=lambda _: pytest.fail("called")))


def test_debugger_is_not_called_for_ctrl_c(play):
    options = RunOptions(debugger=lambda _: pytest.fail("called"))

    with pytest.raises(KeyboardInterrupt):
        play(attempt(during=raise_(KeyboardInterrupt())), options=options)


# Interruptions


def test_ctrl_c_passes_after_the_state_was_put_back(play, monkeypatch):
    monkeypatch.setenv("A_TEST", "before")
    told = []

    def interrupted():
        os.environ["A_TEST"] = "leaked"
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play(attempt(during=interrupted), options=RunOptions(on_task=told.append))

    assert os.environ["A_TEST"] == "before"
    assert [task.state for task in told] == ["failed"]


def test_hanging_task_ends_the_run_with_the_stacks(play):
    started = time.monotonic()
    outcome = play(
        attempt("prepare"),
        attempt("fit", during=lambda: time.sleep(60)),
        attempt("never"),
        options=RunOptions(timeout=0.3),
    )

    assert time.monotonic() - started < 30
    assert (outcome.dag_id, outcome.run_id, outcome.state) == ("taxi", "", "timeout")
    assert [(task.task_id, task.state) for task in outcome.tasks] == [
        ("prepare", "success"),
        ("fit", "failed"),
    ]
    error = outcome.task("fit").error
    assert error.type == "dagproof.airflow_compat.execution.Interruption"
    assert error.message == "the run was still going after 0.3 s"
    assert "\nThread MainThread:\n" in error.traceback


def test_tasks_before_a_timeout_keep_their_states(play):
    outcome = play(
        attempt("a", result="skipped"),
        attempt("b", result="up_for_retry"),
        attempt("b", try_number=2),
        attempt("c", result=ValueError("no")),
        attempt("fit", during=raise_(Interruption("over"))),
        options=RunOptions(stubs={"b": 1}),
    )

    assert [(task.task_id, task.state, task.stubbed) for task in outcome.tasks] == [
        ("a", "skipped", False),
        ("b", "success", True),
        ("c", "failed", False),
        ("fit", "failed", False),
    ]


def test_retry_that_hangs_is_a_failure_whatever_came_before(play):
    outcome = play(
        attempt(result="up_for_retry"),
        attempt(try_number=2, during=raise_(Interruption("over"))),
    )

    assert [(task.state, task.tries) for task in outcome.tasks] == [("failed", 2)]


def test_error_before_the_time_is_up_has_no_stacks(play):
    error = play(attempt(result=ValueError("no")), left=[final(state="failed")]).task("fit").error

    assert "Thread" not in error.traceback


@pytest.mark.parametrize("end_process", [True, False])
def test_process_is_ended_only_where_that_was_allowed(play, monkeypatch, end_process):
    armed = []
    monkeypatch.setattr(
        "dagproof.runner.watchdog.faulthandler.dump_traceback_later",
        lambda *_, **__: armed.append(True),
    )
    monkeypatch.setattr(
        "dagproof.runner.watchdog.faulthandler.cancel_dump_traceback_later", lambda: None
    )

    play(options=RunOptions(end_process=end_process))

    assert bool(armed) is end_process


# Questions that are refused


@pytest.fixture
def _any_conf(monkeypatch):
    monkeypatch.setattr(execution, "check_conf", lambda *_: None)


@pytest.mark.usefixtures("_any_conf")
def test_stub_of_no_task_lists_the_tasks():
    with pytest.raises(UsageError) as caught:
        check_question(DAG, RunOptions(stubs={"fti": 1, "fit": 2}))

    assert str(caught.value) == "DAG `taxi` has no task `fti` to stub. Its tasks: `fit`, `prepare`."


@pytest.mark.usefixtures("_any_conf")
def test_stub_of_a_task_is_no_complaint():
    check_question(DAG, RunOptions(stubs={"fit": 1}))


def test_conf_is_checked_against_the_dag(monkeypatch):
    asked = []
    monkeypatch.setattr(execution, "check_conf", lambda *question: asked.append(question))

    check_question(DAG, RunOptions(conf={"year": 2023}))

    assert asked == [(DAG, {"year": 2023})]


@pytest.fixture
def pushed(monkeypatch):
    """Run attempts, each of which pushes some keys; return what was written down."""

    def pushed(*attempts, examine):
        def execute(dag, *, around, on_push, **_):
            for number, pushes in enumerate(attempts, 1):
                one = Attempt("fit", -1, number)

                def proceed(one=one, pushes=pushes):
                    for push in pushes:
                        on_push(one, push)
                    return AttemptResult("success", None)

                around(one, proceed)
            return FinishedRun("run-1", "success", [final()])

        monkeypatch.setattr(execution, "execute", execute)
        outcome = run_dag(DAG, (), RunOptions(examine=examine))
        return outcome.task("fit").pushed

    return pushed


def look(push):
    troubles = (XComTrouble("mutated-xcom", "m"),) if push.changed else ()
    return XComRecord(push.key, type(push.value).__name__, push.trip.stored, troubles=troubles)


def test_pushes_of_an_attempt_are_written_down_in_order(pushed):
    found = pushed(
        [Push("fit", "a", 1, Trip(stored=1)), Push("fit", "b", "x", Trip())], examine=look
    )
    assert [(one.key, one.type, one.stored) for one in found] == [
        ("a", "int", 1),
        ("b", "str", None),
    ]


def test_pushes_of_a_retry_and_second_pushes_replace_the_first(pushed):
    first = [Push("fit", "a", 1, Trip()), Push("fit", "gone", 1, Trip())]
    second = [Push("fit", "a", "x", Trip()), Push("fit", "a", b"x", Trip())]
    assert [(one.key, one.type) for one in pushed(first, second, examine=look)] == [("a", "bytes")]


def test_change_after_a_push_is_added_to_its_record(pushed):
    pushes = [Push("fit", "a", [], Trip(stored=2)), Push("fit", "a", [1], Trip(), changed=True)]
    [record] = pushed(pushes, examine=look)
    assert record.stored == 2
    assert [one.offence for one in record.troubles] == ["mutated-xcom"]


def test_defect_while_a_push_is_looked_at_does_not_fail_the_task_but_the_run(pushed):
    def defect(_):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        pushed([Push("fit", "a", 1, Trip())], examine=defect)


def test_outcome_knows_the_file_of_its_dag(play, monkeypatch):
    assert play(attempt()).path == ""
    monkeypatch.setattr(DAG, "fileloc", "/dags/taxi.py", raising=False)
    assert play(attempt()).path == "/dags/taxi.py"
