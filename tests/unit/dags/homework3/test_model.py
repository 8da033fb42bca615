"""Homework 3 finds what scikit-learn finds on the trips themselves, at any number of months."""

import hashlib

import numpy as np
import polars as pl
import pytest
from fixtures.tlc import write_month

from homework3 import model
from mlops.tracking import configured
from taxi.features import build_month_features


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    """An MLflow in one file, and a DATA_ROOT."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)  # where MLflow puts artifacts of a database in a file
        patched.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        patched.setenv("DATA_ROOT", f"file://{folder}/data")
        yield folder


@pytest.fixture(scope="module")
def months(place):
    """Yellow March and April, reduced."""
    reduced = []
    for month in (3, 4):
        path = write_month(place / f"{month}.parquet", "yellow", 2023, month, rows=8_000)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        known = {"colour": "yellow", "year": 2023, "month": month, "uri": f"file://{path}"}
        reduced.append(build_month_features(known | {"source": f"file://{path}", "sha256": digest}))
    return reduced


def homework(place, months):
    """Do the homework as it is given: trips in memory, a one-hot matrix, LinearRegression."""
    from sklearn.feature_extraction import DictVectorizer
    from sklearn.linear_model import LinearRegression

    columns = ["tpep_pickup_datetime", "tpep_dropoff_datetime", "PULocationID", "DOLocationID"]
    trips = pl.concat(
        pl.read_parquet(place / f"{month}.parquet", columns=columns).cast(
            {"PULocationID": pl.String, "DOLocationID": pl.String}
        )
        for month in months
    ).with_columns(minutes=(pl.col(columns[1]) - pl.col(columns[0])).dt.total_microseconds() / 60e6)
    trips = trips.filter(pl.col("minutes").is_between(1, 60))
    rows = DictVectorizer().fit_transform(trips.select(columns[2:]).to_dicts())
    minutes = trips["minutes"].to_numpy()
    fitted = LinearRegression(tol=1e-12).fit(rows, minutes)
    error = np.sqrt(np.mean((fitted.predict(rows) - minutes) ** 2))
    return fitted.intercept_, error, len(trips), rows.shape[1]


@pytest.mark.parametrize("count", [1, 2])
def test_intercept_and_error_are_those_of_scikit_learn_on_the_trips(place, months, count):
    trained = model.train(months[:count])
    intercept, error, trips, columns = homework(place, [3, 4][:count])
    assert trained["intercept"] == pytest.approx(intercept, abs=0.01)
    assert trained["rmse"] == pytest.approx(error, abs=1e-5)
    assert (trained["trips"], trained["n_features"]) == (trips, columns)
    assert trained["colour"] == "yellow"
    assert trained["trained_on"] == ["2023-03", "2023-03_2023-04"][count - 1]
    with configured() as tracked:
        run = tracked.get_run(trained["run_id"])
        assert tracked.get_experiment(run.info.experiment_id).name == "nyc-taxi-experiment"
        loaded = tracked.sklearn.load_model(trained["model_uri"])
    assert run.data.metrics["intercept"] == trained["intercept"] == loaded[-1].intercept_
    assert run.data.params["months"] == ["2023-03", "2023-03,2023-04"][count - 1]
    datasets = [one.dataset.name for one in run.inputs.dataset_inputs]
    assert sorted(datasets) == ["yellow-2023-03", "yellow-2023-04"][:count]


def test_order_of_months_does_not_matter_to_the_model(months):
    forth, back = model.train(months), model.train(months[::-1])
    assert forth["digest"] == back["digest"]
