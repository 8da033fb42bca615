"""The report for a person, to the character."""

from dataclasses import replace

import pytest

from dagproof.model import (
    DagOutcome,
    FaultRecord,
    Leak,
    RegisteredVersion,
    Repetition,
    Report,
    Stage,
    StageState,
    StateDifference,
    TaskError,
    TaskOutcome,
    TrackedRun,
    Tracking,
    TriggeredRun,
    XComRecord,
    XComTrouble,
)
from dagproof.reporters.text import dag_line, plain, render, task_line


def task(task_id="fit", state="success", tries=1, seconds=1.5, **more):
    return TaskOutcome(task_id, more.pop("map_index", -1), state, tries, seconds, **more)


def error(message="no rows", kind="taxi.errors.EmptyMonthError"):
    return TaskError(kind, message, f"Traceback …\n{kind}: {message}\n")


def run(*tasks, dag_id="taxi", state="success", seconds=2.04):
    return DagOutcome(dag_id, "run-1", state, tasks, seconds)


def test_line_names_what_is_wrong_with_pushed_values_once():
    lossy = (XComTrouble("lossy-xcom", "m"), XComTrouble("lossy-xcom", "other"))
    records = (XComRecord("right", "int", 1), XComRecord("k", "dict", 1, troubles=lossy))
    assert task_line(task(pushed=records)).endswith(" s  k: lossy-xcom")
    assert task_line(task(pushed=records[:1])).endswith(" s")


def test_dag_line_stands_apart():
    assert dag_line("taxi") == "\ntaxi"


@pytest.mark.parametrize(
    ("state", "mark"),
    [
        ("success", "✓"),
        ("failed", "✗"),
        ("skipped", "-"),
        ("upstream_failed", "·"),
        ("removed", "-"),
    ],
)
def test_known_states_are_marks_alone(state, mark):
    assert task_line(task(state=state)) == f"  {mark} {'fit':<32}    1.50 s"


def test_unknown_state_is_said_in_words():
    assert task_line(task(state="deferred")) == f"  … {'fit':<32}    1.50 s  deferred"


def test_line_of_a_mapped_task_has_its_index():
    assert task_line(task(map_index=2)) == f"  ✓ {'fit[2]':<32}    1.50 s"


def test_success_after_retries_says_how_many_tries():
    assert task_line(task(tries=3)).endswith(" s  3 tries")


def test_attempt_that_is_tried_again_says_which_it_was():
    line = task_line(task(state="up_for_retry", tries=1, error=error()))

    assert line == (
        f"  ↻ {'fit':<32}    1.50 s  try 1 failed, tried again; EmptyMonthError: no rows"
    )


def test_attempt_that_is_tried_again_does_not_count_its_tries_twice():
    assert task_line(task(state="up_for_retry", tries=2)).endswith("  try 2 failed, tried again")


def test_skipped_task_says_why_in_one_line():
    line = task_line(task(state="skipped", reason="There is no champion.\nAsk again."))

    assert line.endswith(" s  There is no champion.")


def test_stubbed_task_says_so():
    assert task_line(task(stubbed=True)).endswith(" s  stubbed")


def test_line_holds_the_first_line_of_an_error_that_says_something():
    line = task_line(task(state="failed", error=error("\n\n first\nsecond", "ValueError")))

    assert line.endswith(" s  ValueError: first")


def test_error_without_text_is_named_alone():
    assert task_line(task(state="failed", error=error("", "KeyError"))).endswith(" s  KeyError")


@pytest.mark.parametrize(("length", "shown"), [(148, "x" * 148), (149, "x" * 147 + "…")])
def test_long_error_is_cut_at_160_characters(length, shown):
    line = task_line(task(state="failed", error=error("x" * length, "ValueError")))

    assert line.partition(" s  ")[2] == f"ValueError: {shown}"


def test_report_of_a_success_is_one_line():
    assert (
        render(Report(runs=(run(task("a"), task("b")),)))
        == "\n✓ taxi: success in 2.0 s (2 success)\n"
    )


def test_states_are_counted_in_order_of_name():
    verdict = render(
        Report(
            runs=(
                run(task("a", "upstream_failed"), task("b", "failed"), task("c"), state="failed"),
            )
        )
    )

    assert verdict == "\n✗ taxi: failed in 2.0 s (1 failed, 1 success, 1 upstream_failed)\n"


def test_run_that_ended_before_any_task_says_so():
    assert render(Report(runs=(run(state="timeout"),))) == (
        "\n✗ taxi: timeout in 2.0 s (no task started)\n"
    )


def test_leaks_are_listed_with_their_task():
    leaks = (Leak("environment", "A", "the variable was set"), Leak("cwd", "/x", "it moved"))

    assert render(Report(runs=(run(task("a", leaks=leaks), task("b")),))) == (
        "\n✓ taxi: success in 2.0 s (2 success)\n"
        "\n"
        "State that tasks of taxi left behind (put back before the next task):\n"
        "  a: environment A: the variable was set\n"
        "  a: cwd /x: it moved\n"
    )


def test_run_without_leaks_has_no_leak_section():
    leaky = run(task(leaks=(Leak("cwd", "/x", "it moved"),)), dag_id="leaky")

    assert "of tidy" not in render(Report(runs=(run(task(), dag_id="tidy"), leaky)))


def test_tables_line_up():
    tracking = Tracking(
        (
            TrackedRun("1", "linear", "taxi", "FINISHED", {"rmse": 7.03994123, "n": 65946.0}, {}),
            TrackedRun("2", "gradient-boosted", "taxi", "FAILED", {}, {}),
        ),
        (
            RegisteredVersion("taxi", "1", (), "1"),
            RegisteredVersion("taxi", "12", ("champion", "best"), "2"),
        ),
    )

    assert render(Report(runs=(run(task()),), tracking=tracking)) == (
        "\n✓ taxi: success in 2.0 s (1 success)\n"
        "\n"
        "experiment  run               status    metrics\n"
        "──────────  ────────────────  ────────  ────────────\n"
        "taxi        linear            FINISHED  n    65946\n"
        "                                        rmse 7.03994\n"
        "taxi        gradient-boosted  FAILED\n"
        "\n"
        "registered model  version  alias\n"
        "────────────────  ───────  ──────────────\n"
        "taxi              1        none\n"
        "taxi              12       champion, best\n"
    )


def test_runs_of_one_name_stay_two_runs():
    run_ = TrackedRun("1", "linear", "taxi", "FINISHED", {"rmse": 7.0}, {})
    text = render(Report(tracking=Tracking((run_, run_))))

    assert text.count("taxi        linear  FINISHED  rmse 7\n") == 2


def test_tracked_runs_alone_make_one_table():
    tracking = Tracking((TrackedRun("1", "r", "e", "FINISHED", {}, {}),))

    assert render(Report(tracking=tracking)) == (
        "\nexperiment  run  status    metrics\n"
        "──────────  ───  ────────  ───────\n"
        "e           r    FINISHED\n"
    )


def test_registered_versions_alone_make_one_table():
    text = render(
        Report(tracking=Tracking(versions=(RegisteredVersion("m", "1", ("best",), "1"),)))
    )

    assert text.splitlines()[1:] == [
        "registered model  version  alias",
        "────────────────  ───────  ─────",
        "m                 1        best",
    ]


def test_tracebacks_come_before_the_sum_under_a_rule_of_80_characters():
    failed = run(task("fit", "failed", error=error(), map_index=1), state="failed")
    tracking = Tracking((TrackedRun("1", "r", "e", "FAILED", {}, {}),))
    blocks = render(Report(runs=(failed, run(dag_id="later")), tracking=tracking)).split("\n\n")

    assert blocks[-2:] == [
        f"── taxi / fit[1] {'─' * 63}\nTraceback …\ntaxi.errors.EmptyMonthError: no rows",
        "1 of 2 runs succeeded; failed: taxi\n",
    ]
    assert len(blocks[-2].partition("\n")[0]) == 80


def test_error_of_a_task_that_did_not_fail_in_the_end_has_no_traceback():
    retried = run(task("fit", "up_for_retry", error=error()))

    assert "Traceback" not in render(Report(runs=(retried,)))


def test_ascii_terminal_gets_ascii_for_every_sign_we_use():
    assert plain("✓ ✗ · ↻ … ─ → é") == "+ x . ~ ... - -> ?"


def test_whole_report_survives_an_ascii_terminal():
    tracking = Tracking((TrackedRun("1", "r", "e", "FAILED", {}, {}),))
    text = render(
        Report(runs=(run(task("fit", "failed", error=error()), state="failed"),), tracking=tracking)
    )

    assert "?" not in plain(text)


def test_verdicts_of_several_runs_stand_together():
    runs = tuple(DagOutcome(name, "r", "success", (), 1.0) for name in ("first", "second"))

    lines = render(Report(runs=runs)).strip().splitlines()

    assert [line.partition(":")[0] for line in lines] == [
        "✓ first", "✓ second", "", "2 of 2 runs succeeded",
    ]  # fmt: skip


def test_sum_is_told_of_several_runs_alone():
    one, two = (run(dag_id=name) for name in ("first", "second"))
    assert "succeeded" not in render(Report(runs=(one,)))
    stages = (Stage("run", StageState.CLEAN),)
    assert "2 runs" not in render(Report(runs=(one, two), stages=stages))


def again(*differences, states=("success",) * 3):
    labels = ("first run", "the same again", "every task retried")
    runs = tuple(
        replace(run(task(tries=number), state=state), label=label)
        for label, state, number in zip(labels, states, (1, 1, 2), strict=False)
    )
    return Report(runs=runs, repetitions=(Repetition("taxi", runs, differences),))


def test_a_repetition_without_differences_says_so_and_what_was_retried():
    assert render(again()).splitlines()[1:] == [
        "✓ taxi, first run: success in 2.0 s (1 success)",
        "✓ taxi, the same again: success in 2.0 s (1 success)",
        "✓ taxi, every task retried: success in 2.0 s (1 success)",
        "",
        "✓ taxi can be run again: nothing differs (1 task instance retried)",
    ]


def test_differences_of_a_repetition_are_counted():
    difference = StateDifference("table", "t", "m")
    assert render(again(difference)).endswith("✗ taxi: 1 difference (1 task instance retried)\n")


def test_a_first_run_that_failed_is_not_run_again():
    text = render(again(states=("failed",)))
    assert text.endswith("✗ taxi was not run again, since its first run failed\n")


def test_what_all_runs_of_a_repetition_leave_behind_is_told_once():
    report = again()
    leaking = replace(task(), leaks=(Leak("cwd", "/x", "it moved"),))
    runs = tuple(replace(one, tasks=(leaking,)) for one in report.runs)
    assert render(replace(report, runs=runs)).count("it moved") == 1


def test_a_traceback_of_a_repetition_says_which_run_it_is_of():
    report = again(states=("success", "failed"))
    failed = replace(report.runs[1], tasks=(task(state="failed", error=error()),))
    text = render(replace(report, runs=(report.runs[0], failed)))
    assert "── taxi, the same again / fit ──" in text


def test_runs_that_were_triggered_are_told_and_that_nobody_carried_them_out():
    began = (TriggeredRun("training", "drift__v1"), TriggeredRun("other", "r\x1b[2J"))
    text = render(Report(runs=(replace(run(task()), triggered=began),)))
    assert (
        "\n\nTriggered by taxi, and not carried out:\n  training, run drift__v1\n  other, run r"
    ) in text
    assert "\x1b" not in text
    assert "riggered" not in render(Report(runs=(run(task()),)))


def test_faults_say_when_they_held_and_what_they_hit():
    records = (
        FaultRecord("mlflow:down@train", 2.1, 7.1, 14, "connection"),
        FaultRecord("s3:slow,delay=0.5", 0.0, None, 1),
        FaultRecord("s3:500@train", 2.1, None, 0),
        FaultRecord("s3:cut@never"),
    )
    text = render(Report(runs=(replace(run(task()), faults=records),)))
    assert (
        "\n\nFaults in taxi:\n"
        "  mlflow:down@train                  from 2.1 s to 7.1 s, hit 14 connections\n"
        "  s3:slow,delay=0.5                  from 0.0 s to the end, hit 1 request\n"
        "  s3:500@train                       from 2.1 s to the end, hit no request\n"
        "  s3:cut@never                       never began: its task did not run\n"
    ) in text


def test_run_without_faults_says_nothing_of_them():
    assert "ault" not in render(Report(runs=(run(task()),)))


def test_terminal_obeys_nothing_that_a_run_says():
    raised = TaskError(
        "ValueError", "\x1b[31mno", "Traceback:\n\tline\x1b[2J\r\nValueError: \x07no\n"
    )
    leak = Leak("environment", "A\x1b", "set to '\u202e'")
    failed = task(state="failed", error=raised, leaks=(leak,))
    again = replace(run(failed, state="failed"), label="again\x1b[1m")
    tracked = TrackedRun("1", "run\n::error::x", "e\x1b", "FINISHED", {"m\x1b": 1.0}, {})
    version = RegisteredVersion("model\x07", "1", ("champion\x1b",), "1")

    text = render(Report(runs=(again,), tracking=Tracking((tracked,), (version,))))

    assert not set(text) & {"\x1b", "\x07", "\r", "\t", "\u202e"}
    assert "    line\\x1b[2J\nValueError: \\x07no" in text
    assert "run\\n::error::x" in text
    assert "\x1b" not in task_line(failed)
    assert "\x1b" not in dag_line("d\x1b")
