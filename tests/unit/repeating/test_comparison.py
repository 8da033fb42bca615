"""Differences between two moments, each told in one sentence."""

from dataclasses import replace

import pytest

from dagproof.model import LoggedRun, LoggedVersion, Snapshot, Stored, TableState
from dagproof.repeating.comparison import compare
from dagproof.repeating.words import AGAIN, RETRIED, TWO_RUNS

FIT = LoggedRun("r1", "trips", "fit", "FINISHED", metrics={"rmse": 2.5}, params={"seed": "7"})
TRIPS = TableState("public.trips", 100, "d", {"zone": "z", "fare": "f"})


def told(first, second, moments=TWO_RUNS):
    return [one.message for one in compare(first, second, moments)]


def objects(*stored):
    return Snapshot(
        objects=tuple(Stored(f"s3://b/{key}", size, etag) for key, size, etag in stored)
    )


def files(*stored):
    return Snapshot(files=tuple(Stored(f"file:{key}", size, etag) for key, size, etag in stored))


def tables(*states):
    return Snapshot(tables=states)


def runs(*logged):
    return Snapshot(runs=logged)


def versions(*given):
    return Snapshot(versions=given)


def test_equal_moments_do_not_differ():
    one = Snapshot(
        objects=(Stored("s3://b/x", 1, "e"),),
        files=(Stored("file:x", 1, "e"),),
        tables=(TRIPS,),
        runs=(FIT,),
        versions=(LoggedVersion("m", "1", ("champion",), {"t": "1"}),),
    )
    assert compare(one, replace(one), TWO_RUNS) == ()
    assert not one.empty
    assert Snapshot().empty


@pytest.mark.parametrize(
    ("first", "second", "message"),
    [
        ([("x", 7, "a")], [("x", 7, "b")], "object `s3://b/x` has other bytes after two"),
        (
            [("x", 7, "a")],
            [("x", 1400, "b")],
            "object `s3://b/x` has 7 bytes after one run and 1,400 after two",
        ),
        ([], [("x", 7, "a")], "object `s3://b/x` is there after two, not after one run"),
        ([("x", 7, "a")], [], "object `s3://b/x` is there after one run, not after two"),
        (
            [("e/1c9e1c9e", 7, "a")],
            [("e/1c9e1c9e", 7, "a"), ("e/2d0f2d0f", 7, "a")],
            "there is 1 object like `s3://b/e/*` after one run and 2 after two",
        ),
        (
            [("e/1c9e1c9e", 7, "a")],
            [("e/2d0f2d0f", 7, "a")],
            "object `s3://b/e/1c9e1c9e` is called `s3://b/e/2d0f2d0f` after two",
        ),
        (
            [("e/11", 7, "a"), ("e/12", 7, "a")],
            [("e/21", 7, "a"), ("e/22", 7, "a")],
            "2 objects like `s3://b/e/*` have other names after two",
        ),
        (
            [],
            [("e/11", 7, "a"), ("e/12", 7, "a")],
            "there are 0 objects like `s3://b/e/*` after one run and 2 after two",
        ),
        (
            [("r/*", 1, "a")],
            [("r/*", 1, "a"), ("r/*", 1, "a")],
            "there is 1 object like `s3://b/r/*` after one run and 2 after two",
        ),
    ],
)
def test_objects(first, second, message):
    assert told(objects(*first), objects(*second)) == [message]


def test_objects_whose_addresses_hold_ids_are_compared_as_a_set():
    first = objects(("r/*", 1, "a"), ("r/*", 1, "b"))
    assert told(first, objects(("r/*", 1, "b"), ("r/*", 1, "a"))) == []
    assert told(first, objects(("r/*", 1, "b"), ("r/*", 1, "b"))) == [
        "object `s3://b/r/*` has other bytes after two"
    ]


def test_files_are_told_by_their_path():
    assert told(files(("a/x", 1, "a")), files(("a/x", 1, "b")), AGAIN) == [
        "file `a/x` has other bytes after another from clean state"
    ]


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (replace(TRIPS, rows=200), "has 100 rows after one run and 200 after two"),
        (
            replace(TRIPS, columns={"zone": "z", "fare": "g"}),
            "has other values in `fare` after two",
        ),
        (
            replace(TRIPS, columns={"zone": "y", "fare": "g"}),
            "has other values in `fare` and `zone` after two",
        ),
        (replace(TRIPS, digest="e"), "has its values in other rows after two"),
    ],
)
def test_tables(second, message):
    assert told(tables(TRIPS), tables(second)) == [f"table `public.trips` {message}"]


def test_a_table_that_comes_or_goes_is_told():
    assert told(tables(), tables(TRIPS)) == [
        "table `public.trips` is there after two, not after one run"
    ]
    assert told(tables(TRIPS), tables()) == [
        "table `public.trips` is there after one run, not after two"
    ]


def test_what_the_server_gives_by_itself_and_what_could_not_be_counted_is_no_difference():
    without = replace(TRIPS, columns={"zone": "z"}, digest="e")
    assert told(tables(TRIPS), tables(without)) == []
    assert told(tables(TRIPS), tables(replace(TRIPS, rows=None, digest=""))) == []


def test_more_rows_are_more_and_fewer_are_not():
    [more] = compare(tables(TRIPS), tables(replace(TRIPS, rows=101)), TWO_RUNS)
    [fewer] = compare(tables(TRIPS), tables(replace(TRIPS, rows=99)), TWO_RUNS)
    assert (more.more, fewer.more) == (True, False)


def test_a_second_run_is_told_and_what_it_says_otherwise():
    other = replace(FIT, run_id="r2", metrics={"rmse": 3.0})
    assert told(runs(FIT), runs(FIT, other), RETRIED) == [
        "MLflow experiment `trips` has 1 run `fit` after one run and 2 after one with retries",
        (
            "metric `rmse` of MLflow run `fit` in experiment `trips` is `2.5` after one run and "
            "`3` after one with retries"
        ),
    ]


def test_runs_without_a_name_of_their_own_are_counted_together():
    unnamed = replace(FIT, name="")
    assert told(runs(unnamed), runs(unnamed, replace(unnamed, run_id="r2"))) == [
        "MLflow experiment `trips` has 1 unnamed run after one run and 2 after two"
    ]


def test_runs_that_are_gone_are_told_and_nothing_else_of_them():
    assert told(runs(FIT), runs()) == [
        "MLflow experiment `trips` has 1 run `fit` after one run and 0 after two"
    ]
    two = runs(FIT, replace(FIT, run_id="r2", metrics={"rmse": 9.0}))
    assert told(two, runs(FIT))[0] == (
        "MLflow experiment `trips` has 2 runs `fit` after one run and 1 after two"
    )


def test_runs_are_matched_by_what_they_say_whatever_their_order_and_ids():
    low, high = (replace(FIT, run_id=f"x{m}", metrics={"rmse": m}) for m in (1.0, 2.0))
    first = runs(low, high)
    second = runs(replace(high, run_id="a"), replace(low, run_id="b"))
    assert told(first, second) == []


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"status": "FAILED"}, "the status of {} is `FINISHED` {} and `FAILED` {}"),
        ({"params": {"seed": "8"}}, "parameter `seed` of {} is `7` {} and `8` {}"),
        ({"params": {}}, "parameter `seed` of {} is `7` {} and missing {}"),
        ({"tags": {"owner": "me"}}, "tag `owner` of {} is missing {} and `me` {}"),
        ({"datasets": {"d": "1"}}, "the digest of dataset `d` of {} is missing {} and `1` {}"),
        ({"metrics": {}}, "metric `rmse` of {} is `2.5` {} and missing {}"),
        ({"metrics": {"rmse": float("nan")}}, "metric `rmse` of {} is `2.5` {} and `nan` {}"),
        (
            {"artifacts": {"plot.png": "e"}},
            "artifact `plot.png` of {} is `missing` {} and `there` {}",
        ),
    ],
)
def test_what_a_run_says(change, part):
    message = part.format("MLflow run `fit` in experiment `trips`", "after one run", "after two")
    assert told(runs(FIT), runs(replace(FIT, **change))) == [message]


def test_artifacts_with_other_bytes_are_told_and_models_are_not():
    first = replace(FIT, artifacts={"a.txt": "1" * 32, "model/MLmodel": ""})
    second = replace(FIT, artifacts={"a.txt": "2" * 32, "model/MLmodel": ""})
    assert told(runs(first), runs(second)) == [
        (
            "the digest of artifact `a.txt` of MLflow run `fit` in experiment `trips` is "
            "`111111111111` after one run and `222222222222` after two"
        )
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"metrics": {"rmse": 2.5 * (1 + 1e-10)}},
        {"metrics": {"rmse": 2.5, "fit_seconds": 3.0}},
        {"metrics": {"rmse": 2.5, "training_time": 3.0}},
        {"metrics": {"rmse": 2.5, "system/cpu": 3.0}},
        {"tags": {"airflow.try_number": "2"}},
    ],
)
def test_noise_durations_and_tries_are_no_difference(change):
    assert told(runs(FIT), runs(replace(FIT, **change))) == []


def test_a_metric_whose_name_only_contains_a_duration_is_compared():
    first = replace(FIT, metrics={"duration_rmse": 1.0, "seconds_error": 1.0})
    second = replace(FIT, metrics={"duration_rmse": 2.0, "seconds_error": 2.0})
    assert len(told(runs(first), runs(second))) == 2


def test_not_a_number_equals_itself():
    one = replace(FIT, metrics={"rmse": float("nan")})
    assert told(runs(one), runs(replace(one, run_id="r2"))) == []


def test_versions_and_where_aliases_point_to():
    one = LoggedVersion("m", "1", ("champion",))
    assert told(versions(one), versions(replace(one, aliases=()), replace(one, version="2"))) == [
        "model `m` has version `1` after one run and `1` and `2` after two"
    ]
    assert told(versions(), versions(one)) == [
        "model `m` has no version after one run and `1` after two"
    ]
    assert told(versions(one), versions(replace(one, aliases=("old", "older")))) == [
        (
            "the aliases of version 1 of model `m` are `champion` after one run and `old` and "
            "`older` after two"
        )
    ]
    assert told(versions(one), versions(replace(one, tags={"t": "1"}))) == [
        "tag `t` of version 1 of model `m` is missing after one run and `1` after two"
    ]


def test_only_more_tracking_after_a_retry_is_duplicate_tracking():
    [run] = compare(runs(FIT), runs(FIT, replace(FIT, run_id="2")), RETRIED)
    [table] = compare(tables(TRIPS), tables(replace(TRIPS, rows=101)), RETRIED)
    assert not run.duplicate_tracking
    assert replace(run, retried=True).duplicate_tracking
    assert not replace(run, retried=True, more=False).duplicate_tracking
    assert not replace(table, retried=True).duplicate_tracking


def test_long_values_are_cut_and_code_in_them_is_plain():
    first = replace(FIT, params={"seed": "`x`" + "y" * 200})
    [message] = told(runs(first), runs(FIT))
    assert "`'x'yyy" in message
    assert "…`" in message
    assert len(message) < 250


@pytest.mark.parametrize(("factor", "number"), [(1 + 5e-10, 0), (1 + 2e-9, 1)])
def test_metrics_differ_from_a_billionth_on(factor, number):
    other = replace(FIT, metrics={"rmse": 2.5 * factor})
    assert len(told(runs(FIT), runs(other))) == number
