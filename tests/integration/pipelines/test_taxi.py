"""`mlops_taxi_dag` from end to end, on generated months and on the real ones."""

import json
from pathlib import Path

import mlflow
import numpy as np
import polars as pl
import pytest
from fixtures.nothing_lost import read_objects

from dagproof.model import UsageError
from dagproof.testing import assert_one_run_per_task_instance, assert_tracked

JANUARY = {"year": 2023, "month": 1}
MODEL = "taxi-duration-green"
TRAINING = "train_and_log_model"
LINEAR, BOOSTED = 0, 1  # map indexes of the training


@pytest.fixture
def run_taxi(run_dag, generated_months):
    """Run the pipeline on generated months, unless another source is given."""

    def run(conf=JANUARY, source=generated_months, **options):
        env = {"TAXI_SOURCE": source, **options.pop("env", {})}
        return run_dag("mlops_taxi_dag", conf, env=env, **options)

    return run


def sentence(outcome):
    """Return the one sentence of the one task that failed itself."""
    [failed] = {task.error.message for task in outcome.failures}
    assert "\n" not in failed
    return failed


def test_real_january_gives_the_published_model(run_taxi, real_months, mlflow_client, services, s3):
    outcome = run_taxi(source=real_months)

    assert outcome.state == "success", outcome.failures
    features = outcome.xcom("build_features")
    assert outcome.xcom("validate")["rows"] == 68_211
    assert features["kept"] == 65_946
    assert_one_run_per_task_instance(outcome, mlflow_client, only=[TRAINING])
    assert_tracked(
        outcome,
        mlflow_client,
        TRAINING,
        map_index=LINEAR,
        params={"candidate": "linear", "months": "2023-01"},
        metrics={
            "n_features": 467,
            "training_rmse": pytest.approx(7.03994, abs=5e-6),
            "intercept": pytest.approx(22.768, abs=0.01),
        },
    )
    for index in (LINEAR, BOOSTED):
        trained_on = {"name": "green-2023-01", "context": "training"}
        assert_tracked(
            outcome, mlflow_client, TRAINING, map_index=index, dataset=trained_on, exact=True
        )
    best = min(
        (LINEAR, BOOSTED),
        key=lambda index: outcome.xcom(TRAINING, map_index=index)["validation_rmse"],
    )
    run = assert_tracked(
        outcome,
        mlflow_client,
        TRAINING,
        map_index=best,
        inputs={"PULocationID": "long", "DOLocationID": "long", "hour": "long"},
        outputs="double",
        model=MODEL,
        version=1,
        alias="champion",
        loads=True,
    )
    bucket, _, prefix = services["DATA_ROOT"].removeprefix("s3://").partition("/")
    answer = s3.get_object(Bucket=bucket, Key=f"{prefix}/taxi/green/run.json".lstrip("/"))
    saved = json.loads(answer["Body"].read())
    assert saved["run_id"] == run.info.run_id


def test_two_real_months_mapped_give_the_model_of_both_concatenated(
    run_taxi, real_months, mlflow_client, tmp_path
):
    from taxi.cells import reduce_month
    from taxi.linear import fit_linear
    from taxi.pairs import ZonePairs

    outcome = run_taxi({**JANUARY, "months": 2}, source=real_months)

    assert outcome.state == "success", outcome.failures
    trips = concatenated(real_months, tmp_path)
    at_once = fit_linear(ZonePairs.of(reduce_month(trips)))
    assert_tracked(
        outcome,
        mlflow_client,
        TRAINING,
        map_index=LINEAR,
        params={"candidate": "linear", "months": "2023-01,2023-02"},
        metrics={"training_rmse": pytest.approx(at_once.rmse, abs=1e-9)},
        dataset=["green-2023-01", "green-2023-02"],
    )
    model = mlflow.sklearn.load_model(outcome.xcom("train_and_log_model", map_index=0)["model_uri"])
    zones = (
        pl.read_parquet(trips, columns=["PULocationID", "DOLocationID"])
        .unique()
        .with_columns(pl.all().cast(pl.Int64))
        .filter(
            pl.col("PULocationID").is_in(at_once.pickup_zones.tolist())
            & pl.col("DOLocationID").is_in(at_once.dropoff_zones.tolist())
        )
    )
    expected = (
        at_once.intercept
        + at_once.pickup_minutes[np.searchsorted(at_once.pickup_zones, zones["PULocationID"])]
        + at_once.dropoff_minutes[np.searchsorted(at_once.dropoff_zones, zones["DOLocationID"])]
    )
    assert np.abs(model.predict(zones.to_pandas()) - expected).max() < 1e-6


def concatenated(source, folder):
    """Write both months as one file, in the columns that they share."""
    columns = ["lpep_pickup_datetime", "lpep_dropoff_datetime", "PULocationID", "DOLocationID"]
    months = [
        pl.read_parquet(
            source.format(colour="green", year=2023, month=month).removeprefix("file://"),
            columns=columns,
        ).with_columns(pl.col("PULocationID", "DOLocationID").cast(pl.Int64))
        for month in (1, 2)
    ]
    path = folder / "both.parquet"
    pl.concat(months).write_parquet(path)
    return path


def test_the_same_conf_twice_gives_one_champion_and_the_same_metrics(run_taxi, mlflow_client):
    first, second = run_taxi(), run_taxi()

    assert (first.state, second.state) == ("success", "success")
    assert len(mlflow_client.search_model_versions(f"name='{MODEL}'")) == 1
    for candidate in (0, 1):
        before = first.xcom("train_and_log_model", map_index=candidate)
        after = second.xcom("train_and_log_model", map_index=candidate)
        for metric in ("training_rmse", "validation_rmse", "trips"):
            assert before[metric] == after[metric]
    assert first.xcom("register_best_model")["promoted"]
    assert not second.xcom("register_best_model")["promoted"]


def test_a_retried_training_leaves_one_run(run_taxi, mlflow_client, monkeypatch):
    import taxi.train

    log_run, calls = taxi.train._log_run, []

    def log_run_at_the_second_try(*arguments):
        calls.append(arguments)
        if len(calls) == 1:
            raise OSError("the network went away")
        return log_run(*arguments)

    monkeypatch.setattr(taxi.train, "_log_run", log_run_at_the_second_try)
    outcome = run_taxi()

    assert outcome.state == "success"
    tries = [outcome.task("train_and_log_model", index).tries for index in (0, 1)]
    assert sorted(tries) == [1, 2], "mapped tasks run in any order; the first is tried twice"
    assert_one_run_per_task_instance(outcome, mlflow_client)
    for index, candidate in {LINEAR: "linear", BOOSTED: "boosted"}.items():
        assert_tracked(
            outcome, mlflow_client, TRAINING, map_index=index, tags={"mlflow.runName": candidate}
        )


def test_year_and_month_come_from_the_logical_date_without_conf(run_taxi):
    from datetime import UTC, datetime

    outcome = run_taxi({}, logical_date=datetime(2023, 2, 1, tzinfo=UTC))
    assert outcome.xcom("plan_months") == [{"colour": "green", "year": 2023, "month": 2}]


@pytest.mark.parametrize(
    ("conf", "param"),
    [
        ({"year": 2023, "month": 13}, "month"),
        ({"year": "2023", "month": 1}, "year"),
        ({"year": 2023, "month": 1, "colour": "mauve"}, "colour"),
    ],
)
def test_conf_that_makes_no_sense_is_refused_before_any_task(run_taxi, conf, param):
    with pytest.raises(UsageError, match=rf"refuses this conf: Invalid input for param {param}"):
        run_taxi(conf)


def test_a_missing_month_is_named(run_taxi):
    outcome = run_taxi({"year": 2023, "month": 7})
    assert "green_tripdata_2023-07.parquet" in sentence(outcome)
    assert outcome.task("download").tries == 1, "another try cannot help"
    assert outcome.seen_runs.begun == ()


def test_a_truncated_month_is_named_and_nothing_of_it_is_kept(
    run_taxi, generated_months, tmp_path, services, s3
):
    whole = Path(
        generated_months.format(colour="green", year=2023, month=1).removeprefix("file://")
    )
    (tmp_path / "green_tripdata_2023-01.parquet").write_bytes(whole.read_bytes()[:5000])

    outcome = run_taxi(
        source=f"file://{tmp_path}/{{colour}}_tripdata_{{year}}-{{month:02d}}.parquet"
    )

    assert "green_tripdata_2023-01.parquet" in sentence(outcome)
    kept = read_objects(s3, services["DATA_ROOT"])
    assert not [key for key in kept if key.startswith("taxi/")]


@pytest.mark.parametrize("column", ["PULocationID", "lpep_dropoff_datetime"])
def test_a_month_without_a_needed_column_is_named(run_taxi, generated_months, tmp_path, column):
    whole = generated_months.format(colour="green", year=2023, month=1).removeprefix("file://")
    pl.read_parquet(whole).drop(column).write_parquet(tmp_path / "green_tripdata_2023-01.parquet")

    outcome = run_taxi(
        source=f"file://{tmp_path}/{{colour}}_tripdata_{{year}}-{{month:02d}}.parquet"
    )

    assert column in sentence(outcome)


def test_a_month_without_a_usable_trip_is_named(run_taxi, generated_months, tmp_path):
    whole = generated_months.format(colour="green", year=2023, month=1).removeprefix("file://")
    instant = pl.read_parquet(whole).with_columns(
        lpep_dropoff_datetime=pl.col("lpep_pickup_datetime")
    )
    instant.write_parquet(tmp_path / "green_tripdata_2023-01.parquet")

    outcome = run_taxi(
        source=f"file://{tmp_path}/{{colour}}_tripdata_{{year}}-{{month:02d}}.parquet"
    )

    assert "No trip in" in sentence(outcome)


def test_mlflow_down_fails_the_training_with_its_address_and_leaves_the_champion(
    run_taxi, mlflow_client
):
    champion = run_taxi().xcom("register_best_model")["version"]

    outcome = run_taxi(env={"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"})

    assert outcome.state == "failed"
    assert {task.task_id for task in outcome.failures} == {"train_and_log_model"}
    assert "MLflow at http://127.0.0.1:9 does not answer" in sentence(outcome)
    assert mlflow_client.get_model_version_by_alias(MODEL, "champion").version == champion


def test_s3_down_fails_with_its_address_in_seconds(run_taxi):
    outcome = run_taxi(
        env={
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "AIRFLOW_CONN_AWS_DEFAULT": json.dumps(
                {"conn_type": "aws", "extra": {"endpoint_url": "http://127.0.0.1:9"}}
            ),
        }
    )
    assert {task.task_id for task in outcome.failures} == {"download"}
    assert "s3://dagproof-data" in sentence(outcome)
    assert outcome.seconds < 60


def test_a_data_root_that_cannot_be_written_is_named(run_taxi, tmp_path):
    occupied = tmp_path / "root"
    occupied.write_text("a file where a folder should be", encoding="utf-8")

    outcome = run_taxi(env={"DATA_ROOT": occupied.as_uri()})

    assert {task.task_id for task in outcome.failures} == {"download"}
    assert str(occupied) in sentence(outcome)
    assert occupied.read_text(encoding="utf-8") == "a file where a folder should be"


def test_a_local_data_root_serves_as_well_as_s3(run_taxi, tmp_path):
    outcome = run_taxi(env={"DATA_ROOT": tmp_path.as_uri()})
    assert outcome.state == "success"
    assert json.loads((tmp_path / "taxi/green/run.json").read_text())["promoted"] is True
