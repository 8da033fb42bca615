"""The linear model equals scikit-learn's on the trips themselves, for one month and for several."""

import numpy as np
import pandas as pd
import polars as pl
import pytest
from fixtures.tlc import real_month, write_month
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction import DictVectorizer
from sklearn.linear_model import LinearRegression

from taxi.cells import reduce_month
from taxi.linear import fit_linear, to_pipeline
from taxi.pairs import ZonePairs
from taxi.scoring import design, score

ZONES = ["PULocationID", "DOLocationID"]
REAL = {1: (65_946, 467, 7.03994, 22.768), 2: (62_574, 462, 7.20239, None)}


def _published(paths, tol=1e-14):
    """The course's own code: pandas, DictVectorizer, LinearRegression (which stops at 1e-6)."""
    months = []
    for path in paths:
        month = pd.read_parquet(path)
        took = month["lpep_dropoff_datetime"] - month["lpep_pickup_datetime"]
        month["duration"] = took.dt.total_seconds() / 60
        months.append(month[(month["duration"] >= 1) & (month["duration"] <= 60)])
    trips = pd.concat(months)
    vectorizer = DictVectorizer()
    rows = vectorizer.fit_transform(trips[ZONES].astype(int).astype(str).to_dict("records"))
    model = LinearRegression(tol=tol).fit(rows, trips["duration"])
    return trips, vectorizer, model.predict(rows)


def _real(*months):
    paths = [real_month(2023, month) for month in months]
    if None in paths:
        pytest.skip("no green_tripdata_2023-01 and -02.parquet; set TAXI_DATA_DIR to their folder")
    return paths


def _pairs(path):
    return ZonePairs.of(reduce_month(path))


def test_equals_dict_vectorizer_and_linear_regression_on_a_generated_month(tmp_path):
    path = write_month(tmp_path / "m.parquet", rows=20_000)
    trips, vectorizer, predicted = _published([path])
    ours = fit_linear(_pairs(path))
    assert ours.trips == len(trips)
    assert ours.n_features == len(vectorizer.feature_names_)
    assert ours.rmse == pytest.approx(np.sqrt(np.mean((predicted - trips["duration"]) ** 2)), 1e-9)
    np.testing.assert_allclose(to_pipeline(ours).predict(trips[ZONES]), predicted, atol=1e-6)


@pytest.mark.parametrize("month", [1, 2])
def test_real_months_give_the_published_numbers(month):
    (path,) = _real(month)
    trips, features, rmse, intercept = REAL[month]
    ours = fit_linear(_pairs(path))
    assert (ours.trips, ours.n_features) == (trips, features)
    assert ours.rmse == pytest.approx(rmse, abs=5e-6)
    if intercept is not None:
        assert ours.intercept == pytest.approx(intercept, abs=0.01)


def test_a_real_month_equals_dict_vectorizer_and_linear_regression():
    paths = _real(1)
    trips, _, predicted = _published(paths, tol=1e-6)
    ours = fit_linear(_pairs(paths[0]))
    assert ours.rmse == pytest.approx(
        np.sqrt(np.mean((predicted - trips["duration"]) ** 2)), abs=1e-6
    )


def _both(folder, real):
    if real:
        return _real(1, 2)
    return [write_month(folder / f"{m}.parquet", month=m, rows=20_000) for m in (1, 2)]


@pytest.mark.parametrize("real", [False, True], ids=["generated", "real"])
def test_two_months_added_give_the_model_of_both_concatenated(tmp_path, real):
    paths = _both(tmp_path, real)
    columns = ["lpep_pickup_datetime", "lpep_dropoff_datetime", *ZONES]
    whole = [
        pl.read_parquet(path, columns=columns).cast(dict.fromkeys(ZONES, pl.Int64))
        for path in paths
    ]
    pl.concat(whole).write_parquet(tmp_path / "both.parquet")
    apart = fit_linear(ZonePairs.total(_pairs(path) for path in paths))
    together = fit_linear(_pairs(tmp_path / "both.parquet"))
    assert apart.rmse == pytest.approx(together.rmse, abs=1e-9)
    rows = design(reduce_month(tmp_path / "both.parquet"))
    np.testing.assert_allclose(
        to_pipeline(apart).predict(rows), to_pipeline(together).predict(rows), atol=1e-6
    )


CELL = st.tuples(st.integers(1, 6), st.integers(1, 6), st.integers(60, 3600))


@settings(deadline=None, max_examples=200)
@given(st.lists(CELL, min_size=1, max_size=30))
def test_equals_the_pseudoinverse_whatever_zones_are_connected(trips):
    """Zones that no trip connects make the design more singular; so do zones seen once."""
    begun, ended, seconds = (np.array(column) for column in zip(*trips, strict=True))
    rows = np.column_stack([np.equal.outer(z, np.unique(z)) for z in (begun, ended)]).astype(float)
    centred, minutes = rows - rows.mean(axis=0), seconds / 60
    expected = np.linalg.pinv(centred, rcond=1e-10) @ (minutes - minutes.mean())
    cells = pl.DataFrame({"PULocationID": begun, "DOLocationID": ended, "seconds": seconds})
    sums = cells.with_columns(trips=1, seconds_squared=pl.col("seconds") ** 2)
    ours = fit_linear(ZonePairs.of(sums))
    found = np.concatenate([ours.pickup_minutes, ours.dropoff_minutes])
    np.testing.assert_allclose(found, expected, atol=1e-7)
    assert ours.intercept == pytest.approx(minutes.mean() - rows.mean(axis=0) @ expected, abs=1e-7)
    residual = minutes - ours.intercept - rows @ found
    assert ours.rmse == pytest.approx(np.sqrt(np.mean(residual**2)), abs=1e-6)


def test_scoring_cells_equals_scoring_trips(tmp_path):
    path = write_month(tmp_path / "m.parquet", rows=5_000)
    trips, _, _ = _published([path])
    model = to_pipeline(fit_linear(_pairs(path)))
    error = np.sqrt(np.mean((model.predict(trips[ZONES]) - trips["duration"]) ** 2))
    assert score(model, reduce_month(path)) == pytest.approx(error, abs=1e-10)


def test_a_zone_never_seen_adds_nothing(tmp_path):
    ours = fit_linear(_pairs(write_month(tmp_path / "m.parquet", rows=1_000)))
    rows = pd.DataFrame({"PULocationID": [999], "DOLocationID": [998], "hour": [5]})
    assert to_pipeline(ours).predict(rows)[0] == pytest.approx(ours.intercept)


def test_zone_pairs_survive_the_way_through_one_matrix(tmp_path):
    pairs = _pairs(write_month(tmp_path / "m.parquet", rows=1_000))
    again = ZonePairs.from_matrix(pairs.to_matrix())
    assert (again.seconds_squared != pairs.seconds_squared).nnz == 0
    assert (again.trips != pairs.trips).nnz == 0


def test_no_trip_and_no_month_are_refused():
    nothing = pl.DataFrame(
        schema=dict.fromkeys(
            ("PULocationID", "DOLocationID", "trips", "seconds", "seconds_squared"), pl.Int64
        )
    )
    with pytest.raises(ValueError, match="No trip to fit on"):
        fit_linear(ZonePairs.of(nothing))
    with pytest.raises(ValueError, match="No month to add up"):
        ZonePairs.total([])
