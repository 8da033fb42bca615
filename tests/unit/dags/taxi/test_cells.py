"""Cells add up exactly and hold all that the trips say."""

import sys
from itertools import chain
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from fixtures.tlc import real_month, write_month
from hypothesis import given, settings
from hypothesis import strategies as st

from taxi.cells import HOLDOUT_EVERY, KEYS, SUMS, add, reduce_month
from taxi.pairs import ZonePairs
from taxi.schema import LONGEST

ROW = st.fixed_dictionaries(
    {
        "PULocationID": st.integers(1, 4),
        "DOLocationID": st.integers(1, 4),
        "hour": st.integers(0, 2),
        "holdout": st.booleans(),
        "trips": st.integers(1, 10**9),
        "seconds": st.integers(60, 10**13),
        "seconds_squared": st.integers(3600, 10**17),
    }
)
TYPES = {
    "PULocationID": pl.Int16,
    "DOLocationID": pl.Int16,
    "hour": pl.Int8,
    "holdout": pl.Boolean,
    **dict.fromkeys(SUMS, pl.Int64),
}
MONTHS = st.lists(st.lists(ROW, min_size=1, max_size=8), min_size=1, max_size=5)


def _month(rows):
    return add([pl.DataFrame(rows, schema=TYPES)])


def _naive(path):
    """The same cells, computed trip by trip in plain Python."""
    table = pl.read_parquet(path)
    pickup = next(column for column in table.columns if column.endswith("pickup_datetime"))
    dropoff = pickup.replace("pickup", "dropoff")
    cells = {}
    for start, end, begun, ended in table.select(
        pl.col(pickup).dt.epoch("s"), pl.col(dropoff).dt.epoch("s"), "PULocationID", "DOLocationID"
    ).iter_rows():
        seconds = end - start
        if 60 <= seconds <= 3600:
            held = (start + start // 60) % HOLDOUT_EVERY == 0
            cell = cells.setdefault((begun, ended, start // 3600 % 24, held), [0, 0, 0])
            for at, value in enumerate((1, seconds, seconds * seconds)):
                cell[at] += value
    return {key: tuple(sums) for key, sums in cells.items()}


@pytest.mark.parametrize(("colour", "month"), [("green", 1), ("green", 2), ("yellow", 12)])
def test_a_month_reduces_to_what_plain_python_counts(tmp_path, colour, month):
    path = write_month(tmp_path / "m.parquet", colour, 2023, month, rows=5_000)
    cells = reduce_month(path)
    assert {row[:4]: row[4:] for row in cells.iter_rows()} == _naive(path)


def test_cells_come_in_the_same_order_every_time(tmp_path):
    path = write_month(tmp_path / "m.parquet", rows=20_000)
    assert reduce_month(path).equals(reduce_month(path).sort(KEYS))


@settings(deadline=None)
@given(MONTHS)
def test_months_add_up_in_any_order_and_grouping(months):
    cells = [_month(rows) for rows in months]
    whole = add([pl.DataFrame(list(chain(*months)), schema=TYPES)])
    assert add(cells).equals(whole)
    assert add(cells[::-1]).equals(whole)
    assert add([add(cells[:1]), *cells[1:]]).equals(whole)


@settings(deadline=None)
@given(MONTHS)
def test_zone_pairs_of_months_add_up_to_those_of_all(months):
    cells = [_month(rows) for rows in months]
    apart, together = ZonePairs.total(map(ZonePairs.of, cells)), ZonePairs.of(add(cells))
    for name in SUMS:
        assert (getattr(apart, name) != getattr(together, name)).nnz == 0


def test_squares_of_a_billion_longest_trips_do_not_overflow():
    """The whole TLC archive has 3 billion trips; one cell holds all of them, were they an hour."""
    trips = 3 * 10**9
    row = [(1, 2, 3, False, trips, trips * LONGEST, trips * LONGEST**2)]
    cells = pl.DataFrame(row, schema=TYPES, orient="row")
    total = add([cells, cells])
    assert total["seconds_squared"].item() == 2 * trips * LONGEST**2
    assert ZonePairs.of(total).seconds_squared[1, 2] == 2 * trips * LONGEST**2


def test_a_fifth_of_the_trips_is_held_out_although_a_vendor_rounds_to_minutes(tmp_path):
    path = write_month(tmp_path / "m.parquet", rows=100_000)
    cells = reduce_month(path)
    held = cells.filter("holdout")
    assert held["trips"].sum() / cells["trips"].sum() == pytest.approx(0.2, abs=0.005)
    mean = held["seconds"].sum() / held["trips"].sum()
    assert mean == pytest.approx(cells["seconds"].sum() / cells["trips"].sum(), rel=0.01)


def test_a_pickup_before_1970_still_falls_into_an_hour_of_the_day(tmp_path):
    start = np.array([-3661, -1, 0], dtype="datetime64[s]").astype("datetime64[us]")
    pl.DataFrame(
        {
            "lpep_pickup_datetime": start,
            "lpep_dropoff_datetime": start + np.timedelta64(600, "s"),
            "PULocationID": [1, 1, 1],
            "DOLocationID": [2, 2, 2],
        }
    ).write_parquet(tmp_path / "m.parquet")
    assert sorted(reduce_month(tmp_path / "m.parquet")["hour"]) == [0, 22, 23]


@pytest.mark.parametrize(("month", "kept"), [(1, 65_946), (2, 62_574)])
def test_real_months_keep_the_published_number_of_trips(month, kept):
    path = real_month(2023, month)
    if path is None:
        pytest.skip(f"no green_tripdata_2023-{month:02d}.parquet; set TAXI_DATA_DIR to its folder")
    assert reduce_month(path)["trips"].sum() == kept


def test_planning_needs_no_heavy_library():
    """`dag.py` imports `taxi.plan`, so that must stay light."""
    import subprocess

    code = "import sys, taxi.plan; print([m for m in ('polars', 'numpy') if m in sys.modules])"
    folders = [folder for folder in sys.path if Path(folder).name in ("dags", "plugins")]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": ":".join(folders)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"
