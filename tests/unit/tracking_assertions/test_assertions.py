"""What the two assertions say, from the first line to the last."""

import math
from dataclasses import replace

import pytest

from dagproof.model import Attempt, Leak, TaskError, UnavailableError, UsageError
from dagproof.tracking_assertions import assert_one_run_per_task_instance, assert_tracked

pytest_plugins = ["pytester"]

MEND = "end it by `with mlflow.start_run():`, or expect `status=None`"
START = "started 03:28:06.163 UTC"


def failing(assertion, *arguments, **options):
    with pytest.raises(AssertionError) as caught:
        assertion(*arguments, **options)
    return str(caught.value)


def test_run_is_returned_where_all_is_as_expected(client, outcome):
    run = client.add(
        params={"year": "2023"},
        metrics={"rmse": 7.04, "skew": math.nan},
        tags={"colour": "green", "mlflow.user": "me"},
    )
    found = assert_tracked(
        outcome(),
        client,
        "train",
        params={"year": 2023},
        metrics={"rmse": pytest.approx(7), "skew": math.nan} | {"rmse": (7, 8)},
        tags={"colour": "green"},
        exact=True,
    )
    assert found is run


def test_failure_tells_all_that_is_wrong_and_where_to_look(client, outcome):
    client.add(
        params={"year": "2023", "months": "2023-01"},
        metrics={"rmse": 7.04, "trips": 3.0},
        tags={"colour": "green", "mlflow.user": "me"},
    )
    assert failing(
        assert_tracked,
        outcome(),
        client,
        "train",
        params={"year": 2024, "month": ...},
        metrics={"rmse": (8, None), "trips": 3},
        tags={"color": "green"},
        dataset="green",
    ) == (
        "The MLflow run of task `train` is not what was expected: 5 differences\n"
        "  params\n"
        "    - month: any   (not logged; did you mean `months`, which is 2023-01?)\n"
        "    - year: 2024\n"
        "    + year: 2023\n"
        "  metrics\n"
        "    - rmse: at least 8\n"
        "    + rmse: 7.04\n"
        "  tags\n"
        "    - color: green   (not logged; did you mean `colour`, which is green?)\n"
        "  datasets\n"
        "    - green\n"
        "    + none\n"
        "  run `name of r1` of experiment `experiment 7`, try 1\n"
        "  http://mlflow.test:5000/#/experiments/7/runs/r1"
    )


def test_one_difference_is_one(client, said):
    client.add()
    assert said(whole=True, status="FAILED").startswith(
        "The MLflow run of task `train` is not what was expected: 1 difference\n"
    )


def test_client_of_a_database_has_no_page_to_look_at(client, outcome, monkeypatch):
    client.add()
    monkeypatch.setattr(client, "tracking_uri", "sqlite:///mlflow.db")
    assert failing(assert_tracked, outcome(), client, "train", status="X").endswith("\n  r1")


def test_run_whose_begin_was_not_seen_has_no_try(client, outcome):
    client.add()
    blind = outcome()
    blind = replace(blind, seen_runs=replace(blind.seen_runs, begun=()))
    text = failing(assert_tracked, blind, client, "train", status="X")
    assert "run `name of r1` of experiment `experiment 7`\n" in text


@pytest.mark.parametrize("group", ["params", "metrics", "tags"])
def test_exact_minds_only_the_groups_that_are_given(client, said, group):
    client.add(params={"a": "1"}, metrics={"a": 1.0}, tags={"a": "1", "mlflow.user": "me"})
    assert said(exact=True) == ""
    assert said(**{group: {}}) == ""
    assert said(**{group: {}}, exact=True) == f"  {group}\n    + a: 1   (not expected)"


def test_tag_of_mlflow_itself_can_be_asked_for(client, said):
    client.add(tags={"mlflow.user": "me"})
    assert said(tags={"mlflow.user": "me"}, exact=True) == ""


def test_status_is_told(client, said):
    client.add(status="RUNNING")
    assert said() == "  status\n    - FINISHED\n    + RUNNING"
    assert said(status="RUNNING") == ""
    assert said(status=None) == ""


def test_run_that_was_left_open_is_not_finished(client, outcome, task):
    client.add()
    left = task(leaks=(Leak("mlflow", "active_run", "run r1 was left open"),))
    assert_tracked(outcome(left), client, "train", status=None)
    assert failing(assert_tracked, outcome(left), client, "train").splitlines()[1:-2] == [
        "  status",
        "    - FINISHED",
        f"    + left open by the task   ({MEND})",
    ]


def test_other_leaks_are_no_open_run(client, outcome, task):
    client.add()
    assert_tracked(outcome(task(leaks=(Leak("cwd", "/r1", "r1"),))), client, "train")


def test_two_runs_of_one_try_are_listed(client, outcome, task):
    client.add("r1")
    client.add("r2")
    begun = outcome(task(runs=["r1", "r2"]))
    same_try = tuple(replace(one, attempt=Attempt("train", -1, 1)) for one in begun.seen_runs.begun)
    begun = replace(begun, seen_runs=replace(begun.seen_runs, begun=same_try))
    assert failing(assert_tracked, begun, client, "train") == (
        "Task `train` has 2 runs of MLflow; it shall have exactly one.\n"
        f"    `name of r1`, FINISHED, {START} in try 1  r1\n"
        f"    `name of r2`, FINISHED, {START} in try 1  r2\n"
        "  Begin those that belong to another run with `nested=True`."
    )


def test_second_run_of_a_retry_is_named_as_such(client, outcome, task):
    client.add("r1", status="FAILED")
    client.add("r2")
    assert failing(assert_tracked, outcome(task(runs=["r1", "r2"])), client, "train") == (
        "Task `train` has 2 runs of MLflow; it shall have exactly one.\n"
        f"    `name of r1`, FAILED, {START} in try 1  r1\n"
        f"    `name of r2`, FINISHED, {START} in try 2  r2\n"
        "  A retry began another: resume the first one, by `start_run(run_id=...)`."
    )


def test_deleted_runs_do_not_count_and_are_listed(client, outcome, task):
    client.add("r1", stage="deleted")
    client.add("r2")
    assert_tracked(outcome(task(runs=["r1", "r2", "gone"])), client, "train")
    assert failing(assert_tracked, outcome(task(runs=["r1", "gone"])), client, "train") == (
        "Task `train` has no run of MLflow; it shall have exactly one.\n"
        f"    `name of r1`, FINISHED, {START} in try 1, deleted  r1\n"
        "    gone, gone from MLflow in try 2\n"
        "  Runs of the others: none."
    )


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({}, ""),
        ({"stubbed": True}, "  It was stubbed, and did not run.\n"),
        (
            {"tries": 0, "state": "upstream_failed"},
            "  It did not run: its state is `upstream_failed`.\n",
        ),
        (
            {"state": "failed", "error": TaskError("a.b.OddError", "no\nat all", "")},
            "  It failed: OddError: no\n",
        ),
    ],
)
def test_no_run_says_why_and_who_has_some(client, outcome, task, more, told):
    client.add("r1")
    client.add("r9")
    others = task("other", ["r1"], map_index=3), task("idle", [])
    silent = outcome(task(runs=[], **more), *others, nobodys=[("r9", "")])
    assert failing(assert_tracked, silent, client, "train") == (
        "Task `train` has no run of MLflow; it shall have exactly one.\n"
        f"{told}"
        "  Runs of the others: `other[3]` 1, outside any task 1."
    )


def test_mapped_instance_is_chosen_by_its_index(client, outcome, task):
    client.add("r1")
    second = client.add("r2")
    mapped = outcome(task(runs=["r1"], map_index=0), task(runs=["r2"], map_index=1))
    assert assert_tracked(mapped, client, "train", map_index=1) is second
    with pytest.raises(KeyError, match="give map_index"):
        assert_tracked(mapped, client, "train")


def test_error_of_mlflow_itself_is_not_taken_for_an_absent_run(client, outcome, monkeypatch):
    def broken(run_id):
        raise ConnectionError("gone")

    monkeypatch.setattr(client, "get_run", broken)
    with pytest.raises(ConnectionError, match="gone"):
        assert_tracked(outcome(), client, "train")


def test_run_without_mlflow_among_the_services_cannot_be_judged(client, outcome):
    blind = replace(outcome(), seen_runs=None)
    for assertion in (assert_tracked, assert_one_run_per_task_instance):
        with pytest.raises(UsageError, match="Nobody saw which MLflow runs `d` began"):
            assertion(blind, client, *(["train"] if assertion is assert_tracked else []))


def test_silence_of_mlflow_is_no_verdict_on_the_task(client, outcome, task):
    client.add()
    begun = outcome(task(), task("other", []), unseen=(Attempt("other", -1, 2),))
    assert_tracked(begun, client, "train")
    with pytest.raises(UnavailableError, match="which runs try 2 of `other` began"):
        assert_tracked(begun, client, "other")
    with pytest.raises(UnavailableError, match="which runs try 2 of `other` began"):
        assert_one_run_per_task_instance(begun, client)
    assert_one_run_per_task_instance(begun, client, only=["train"])


# One run per task instance


def test_one_run_each_or_none_at_all_is_as_it_shall_be(client, outcome, task):
    client.add("r1")
    client.add("r2")
    mapped = task(runs=["r1"], map_index=0), task(runs=["r2"], map_index=1)
    nested = [("r3", "r1")]
    assert_one_run_per_task_instance(outcome(*mapped, task("idle", []), nobodys=nested), client)


def test_all_faults_are_listed_by_task_instance(client, outcome, task):
    for run_id, more in {
        "r1": {"status": "FAILED"}, "r2": {}, "r3": {}, "r4": {"stage": "deleted"},
        "r5": {"status": "RUNNING"}, "r6": {}, "r7": {"status": "RUNNING"},
        "r8": {"status": "RUNNING"}, "r9": {},
    }.items():  # fmt: skip
        client.add(run_id, **more)
    left = Leak("mlflow", "active_run", "run r6 was left open")
    begun = outcome(
        task("doubles", ["r1", "r2"], map_index=0),
        task("fine", ["r3"]),
        task("deletes", ["r4"]),
        task("abandons", ["r5"], open_mlflow_runs=("r5",)),
        task("forgets", ["r6"], leaks=(left,)),
        task("all of it", ["r7"], open_mlflow_runs=("r7", "r8")),
        nobodys=[("r9", "")],
    )
    assert failing(assert_one_run_per_task_instance, begun, client) == (
        "Not every task instance of `d` has exactly one MLflow run and ended it:\n"
        "  doubles[0]: 2 runs\n"
        f"    `name of r1`, FAILED, {START} in try 1  r1\n"
        f"    `name of r2`, FINISHED, {START} in try 2  r2\n"
        "  deletes: no run\n"
        f"    `name of r4`, FINISHED, {START} in try 1, deleted  r4\n"
        "  abandons: `name of r5` still RUNNING\n"
        f"    `name of r5`, RUNNING, {START} in try 1  r5\n"
        "  forgets: left open\n"
        f"    `name of r6`, FINISHED, {START} in try 1, left open, and ended by dagproof  r6\n"
        "  all of it: `name of r7` still RUNNING, `name of r8` still RUNNING\n"
        f"    `name of r7`, RUNNING, {START} in try 1  r7\n"
        "  outside any task: 1 run\n"
        f"    `name of r9`, FINISHED, {START}  r9"
    )


def test_run_that_was_ended_or_is_gone_since_is_not_open(client, outcome, task):
    client.add("r1")
    client.add("child")
    ended = task(open_mlflow_runs=("r1", "child", "gone"))
    assert_one_run_per_task_instance(outcome(ended), client)


def test_only_named_tasks_are_judged_and_must_have_a_run(client, outcome, task):
    client.add("r1")
    client.add("r2")
    begun = outcome(
        task("doubles", ["r1", "r2"]),
        task("idle", []),
        task("stubbed", [], stubbed=True),
        task("skipped", [], tries=0),
        task("fine", ["r1"]),
        nobodys=[("r2", "")],
    )
    assert_one_run_per_task_instance(begun, client, only=["fine", "stubbed", "skipped"])
    assert failing(assert_one_run_per_task_instance, begun, client, only=["idle"]) == (
        "Not every task instance of `d` has exactly one MLflow run and ended it:\n  idle: no run"
    )


def test_task_that_is_not_there_is_a_wrong_question(client, outcome):
    with pytest.raises(UsageError, match=r"`d` has no task `trian`\. Its tasks: `train`"):
        assert_one_run_per_task_instance(outcome(), client, only=["trian"])
    with pytest.raises(UsageError, match=r"write `only=\['train'\]`"):
        assert_one_run_per_task_instance(outcome(), client, only="train")


def test_failure_in_pytest_shows_the_call_and_no_frame_of_ours(pytester, monkeypatch):
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    pytester.makepyfile(
        """
        from types import SimpleNamespace
        from dagproof.model import DagOutcome, SeenRuns, TaskOutcome
        from dagproof.tracking_assertions import *

        OUTCOME = DagOutcome("d", "r", "success", (TaskOutcome("train", -1, "success", 1, 0.1),),
                             1.0, seen_runs=SeenRuns())

        def test_one():
            assert_tracked(OUTCOME, None, "train")

        def test_all():
            assert_one_run_per_task_instance(OUTCOME, None, only=["train"])
        """
    )
    said = pytester.runpytest_inprocess("-p", "no:cacheprovider").stdout.str()
    assert "E       AssertionError: Task `train` has no run of MLflow" in said
    assert ">       assert_tracked(OUTCOME, None, " in said
    assert "E       AssertionError: Not every task instance of `d`" in said
    assert "raise AssertionError" not in said
