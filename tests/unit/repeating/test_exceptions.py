"""What may differ by design is left out of snapshots."""

import pytest

from dagproof.model import LoggedRun, LoggedVersion, Snapshot, Stored, TableState
from dagproof.repeating.exceptions import without

WHOLE = Snapshot(
    objects=(Stored("s3://b/logs/1", 1, "e"), Stored("s3://b/data", 1, "e")),
    files=(Stored("file:logs/1", 1, "e"), Stored("file:data", 1, "e")),
    tables=(
        TableState("public.audit", 1, "d", {"at": "1"}),
        TableState("public.trips", 1, "d", {"zone": "1", "took": "2"}),
    ),
    runs=(
        LoggedRun("1", "trips", "fit", "FINISHED", {"p": "1"}, {"m": 1.0}, {"t": "1"}),
        LoggedRun("2", "trips", "", "FINISHED", {}, {}, {}, {"d": "1"}, {"a.png": "1"}),
        LoggedRun("3", "other", "fit", "FINISHED"),
    ),
    versions=(LoggedVersion("m", "1"), LoggedVersion("n", "1")),
)


def test_without_globs_it_is_the_same():
    assert without(WHOLE, ()) is WHOLE


@pytest.mark.parametrize(
    ("glob", "part", "left"),
    [
        ("s3://b/logs/*", "objects", ["s3://b/data"]),
        ("file:logs/*", "files", ["file:data"]),
        ("s3://*", "objects", []),
        ("table:*.audit", "tables", ["public.trips"]),
        ("mlflow:trips", "runs", ["3"]),
        ("mlflow:*/fit", "runs", ["2"]),
        ("mlflow:trips/", "runs", ["1", "3"]),
        ("model:m", "versions", ["n"]),
    ],
)
def test_what_a_glob_covers_is_left_out_and_nothing_else(glob, part, left):
    snapshot = without(WHOLE, (glob,))
    names = {"objects": "address", "files": "address", "tables": "name", "runs": "run_id"}
    name = names.get(part, "model")
    assert [getattr(one, name) for one in getattr(snapshot, part)] == left
    for other in ("objects", "files", "tables", "runs", "versions"):
        if other != part:
            assert getattr(snapshot, other) == getattr(WHOLE, other)


def test_a_column_is_left_out_with_the_digest_of_whole_rows():
    audit, trips = without(WHOLE, ("table:public.trips.took",)).tables
    assert audit == WHOLE.tables[0]
    assert (trips.columns, trips.digest, trips.rows) == ({"zone": "1"}, "", 1)


def test_single_fields_of_runs_are_left_out():
    snapshot = without(WHOLE, ("mlflow:trips/fit/m", "mlflow:trips//d", "mlflow:trips//a.png"))
    first, second, _ = snapshot.runs
    assert (first.metrics, first.params, first.tags) == ({}, {"p": "1"}, {"t": "1"})
    assert (second.datasets, second.artifacts) == ({}, {})
