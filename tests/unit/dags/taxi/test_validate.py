"""Months may drift; what cannot be used is refused in one sentence that names file and column."""

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from fixtures.tlc import write_month

from mlops import storage
from mlops.failures import PermanentError
from taxi.cells import reduce_month
from taxi.download import sha256_of
from taxi.errors import UnusableMonthError
from taxi.features import build_month_features
from taxi.pairs import ZonePairs
from taxi.validate import validate_month


@pytest.fixture
def path(tmp_path):
    return write_month(tmp_path / "m.parquet", rows=5_000)


def _raw(path):
    where = {"uri": f"file://{path}", "source": "file:///x", "sha256": sha256_of(path)}
    return {"colour": "green", "year": 2023, "month": 1, "bytes": 1, **where}


def _rewritten(path, change):
    pq.write_table(change(pq.read_table(path)), path)
    return path


def _with(table, column, values):
    return table.set_column(table.schema.get_field_index(column), column, values)


def _cast(table, kind, *columns):
    for column in columns:
        table = _with(table, column, table[column].cast(kind))
    return table


def _in_new_york(table):
    for column in TIMES:
        local = pc.assume_timezone(table[column], "America/New_York")
        table = _with(table, column, local)
    return table


TIMES = ("lpep_pickup_datetime", "lpep_dropoff_datetime")
IDS = ("PULocationID", "DOLocationID")
DRIFTS = {
    "ids as double": lambda t: _cast(t, pa.float64(), *IDS),
    "ids as int16": lambda t: _cast(t, pa.int16(), *IDS),
    "ids as text": lambda t: _cast(t, pa.large_string(), *IDS),
    "times in nanoseconds": lambda t: _cast(t, pa.timestamp("ns"), *TIMES),
    "times in milliseconds": lambda t: _cast(t, pa.timestamp("ms"), *TIMES),
    "one time in milliseconds": lambda t: _cast(t, pa.timestamp("ms"), TIMES[0]),
    "times in a zone": _in_new_york,
    "names in lower case": lambda t: t.rename_columns([n.lower() for n in t.column_names]),
    "yellow": lambda t: t.rename_columns([n.replace("lpep", "tpep") for n in t.column_names]),
    "columns in another order": lambda t: t.select(t.column_names[::-1]),
    "no other columns": lambda t: t.select([*TIMES, *IDS]),
}


@pytest.mark.parametrize("drift", DRIFTS)
def test_the_same_trips_give_the_same_cells_however_the_schema_drifts(path, drift):
    before = reduce_month(path)
    assert reduce_month(_rewritten(path, DRIFTS[drift])).equals(before)


def test_odd_and_even_months_differ_in_schema(tmp_path):
    odd, even = (
        pq.read_schema(write_month(tmp_path / f"{m}.parquet", month=m, rows=10)) for m in (1, 2)
    )
    assert (odd.field("ehail_fee").type, even.field("ehail_fee").type) == (pa.null(), pa.float64())
    assert (odd.field("PULocationID").type, even.field("PULocationID").type) == (
        pa.int64(),
        pa.int32(),
    )


def test_counts_every_fault_of_a_month(tmp_path):
    start = np.datetime64("2023-01-05T10:00:00", "us")
    took = np.array([600, 0, -5, 30, 4000, 600, 600, 600.5, 60, 3600], dtype=float)
    pickup = np.full(took.size, start)
    pickup[5] = np.datetime64("2009-01-01", "us")
    zones = np.arange(took.size) + 1.0
    zones[6] = np.nan
    pl.DataFrame(
        {
            "lpep_pickup_datetime": pickup,
            "lpep_dropoff_datetime": pickup + (took * 1e6).astype("timedelta64[us]"),
            "PULocationID": zones,
            "DOLocationID": np.arange(took.size) + 1,
        }
    ).write_parquet(tmp_path / "m.parquet")
    found = validate_month(_raw(tmp_path / "m.parquet"))
    assert {name: found[name] for name in found if name not in _raw(tmp_path / "m.parquet")} == {
        "rows": 10,
        "kept": 5,
        "not_positive": 2,
        "too_short": 1,
        "too_long": 1,
        "stray": 1,
        "split_seconds": 1,
        "nulls": {"pickup": 0, "dropoff": 0, "PULocationID": 1, "DOLocationID": 0},
    }
    assert reduce_month(tmp_path / "m.parquet")["trips"].sum() == 5


@pytest.mark.parametrize("column", [*TIMES, *IDS])
def test_a_file_without_a_needed_column_is_refused(path, column):
    _rewritten(path, lambda table: table.drop_columns([column]))
    with pytest.raises(UnusableMonthError) as refused:
        validate_month(_raw(path))
    assert str(refused.value).startswith(f"`file://{path}` has no column `{column}`")
    assert str(refused.value).endswith("; check that it is a TLC trip file with taxi zones.")


@pytest.mark.parametrize(
    ("column", "values", "said"),
    [
        (TIMES[0], ["2023-01-01"], "is String, not a timestamp; take the parquet file"),
        (IDS[1], [[1]], "is List(Int64), not a zone number; take the parquet file"),
    ],
)
def test_a_needed_column_of_a_wrong_type_is_refused(path, column, values, said):
    _rewritten(path, lambda t: _with(t, column, pa.array(values * t.num_rows)))
    with pytest.raises(UnusableMonthError) as refused:
        validate_month(_raw(path))
    assert str(refused.value).startswith(f"Column `{column}` of `file://{path}` {said}")


def test_an_empty_month_is_refused(path):
    _rewritten(path, lambda table: table.slice(0, 0))
    with pytest.raises(UnusableMonthError, match=r"m\.parquet` holds no trip at all; choose"):
        validate_month(_raw(path))


def test_a_month_without_a_trip_to_keep_is_refused(path):
    _rewritten(path, lambda table: _with(table, TIMES[1], table[TIMES[0]]))
    with pytest.raises(UnusableMonthError, match=r"No trip in `.*m\.parquet` takes 1 to 60"):
        validate_month(_raw(path))
    with pytest.raises(UnusableMonthError, match=r"No trip in `.*m\.parquet` takes 1 to 60"):
        reduce_month(path)


def test_a_file_damaged_inside_is_refused(path):
    content = bytearray(path.read_bytes())
    content[1_000 : len(content) // 2] = b"\xff" * (len(content) // 2 - 1_000)
    path.write_bytes(content)
    with pytest.raises(UnusableMonthError, match=r"m\.parquet` is damaged inside; remove it"):
        validate_month(_raw(path))
    with pytest.raises(UnusableMonthError, match=r"m\.parquet` is damaged inside; remove it"):
        reduce_month(path)


def test_a_file_that_is_no_parquet_is_refused(path):
    path.write_text("no parquet")
    with pytest.raises(UnusableMonthError, match=r"m\.parquet` is not a readable parquet file"):
        reduce_month(path)


def test_a_file_that_changed_since_it_was_downloaded_is_refused(path):
    raw = _raw(path)
    write_month(path, rows=5_001)
    with pytest.raises(storage.StorageError, match="has changed since it was downloaded; clear"):
        validate_month(raw)


def test_an_unusable_month_is_not_tried_again():
    """`no_retry` in dag.py lets a PermanentError fail the task at once."""
    assert issubclass(UnusableMonthError, PermanentError)


def test_features_go_by_matrix_and_by_address(path, tmp_path, monkeypatch):
    monkeypatch.setenv("DATA_ROOT", f"file://{tmp_path}/data")
    features = build_month_features(validate_month(_raw(path)))
    cells = reduce_month(path)
    with storage.local_copy(features["cells"]) as stored:
        assert pl.read_parquet(stored).equals(cells)
    assert features["kept"] == features["trips"].sum() == cells["trips"].sum()
    assert (features["seconds"] != ZonePairs.of(cells).seconds).nnz == 0
