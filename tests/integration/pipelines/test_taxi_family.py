"""The DAGs that share the steps of the taxi pipeline: by month, one month by the next, homework."""

from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from fixtures.tlc import FILE, source_of, write_month

from dagproof.testing import assert_one_run_per_task_instance, assert_tracked

MONTHLY, PREDICTION, HOMEWORK = (
    "mlops_taxi_monthly",
    "orchestrated-duration-prediction-dag",
    "homework3-dag",
)
TRAINING = "train_and_log_model"


@pytest.fixture
def run_taxis(run_dag, generated_months):
    """Run a DAG on generated months, unless another source is given."""

    def run(dag, conf=None, source=generated_months, **options):
        env = {"TAXI_SOURCE": source, **options.pop("env", {})}
        return run_dag(dag, conf, env=env, **options)

    return run


@pytest.fixture(scope="session")
def yellow_march(tmp_path_factory):
    """A TAXI_SOURCE of one generated yellow month."""
    folder = tmp_path_factory.mktemp("yellow")
    name = FILE.format(colour="yellow", year=2023, month=3)
    write_month(folder / name, "yellow", month=3, rows=10_000)
    return source_of(folder)


def test_a_monthly_run_gives_the_model_of_the_manual_dag(run_taxis, mlflow_client):
    monthly = run_taxis(MONTHLY, logical_date=datetime(2023, 3, 1, tzinfo=UTC))
    manual = run_taxis("mlops_taxi_dag", {"year": 2023, "month": 1})

    assert (monthly.state, manual.state) == ("success", "success"), monthly.failures
    assert monthly.xcom("plan_month") == manual.xcom("plan_months")
    for index in (0, 1):
        metrics = [
            mlflow_client.get_run(one.xcom(TRAINING, map_index=index)["run_id"]).data.metrics
            for one in (monthly, manual)
        ]
        assert metrics[0] == metrics[1]
    best = [one.xcom("register_best_model") for one in (monthly, manual)]
    assert [one["promoted"] for one in best] == [True, False]
    assert best[1]["champion_rmse"] == best[1]["validation_rmse"] == best[0]["validation_rmse"]


def test_a_variable_that_is_no_month_fails_the_plan_at_once(run_taxis):
    outcome = run_taxis(MONTHLY, env={"AIRFLOW_VAR_TAXI_MONTH": "January"})

    assert {task.task_id for task in outcome.failures} == {"plan_month"}
    plan = outcome.task("plan_month")
    assert plan.tries == 1, "another try cannot help"
    assert "The Airflow Variable `taxi_month` is 'January'; set it" in plan.error.message
    assert "\n" not in plan.error.message


def test_a_variable_names_the_month_whatever_the_date(run_taxis):
    outcome = run_taxis(MONTHLY, env={"AIRFLOW_VAR_TAXI_MONTH": "2023-07"})

    assert outcome.xcom("plan_month") == [{"colour": "green", "year": 2023, "month": 7}]
    [failed] = {task.error.message for task in outcome.failures}
    assert "green_tripdata_2023-07.parquet does not exist" in failed


def test_prediction_is_judged_by_the_next_month_and_registered(run_taxis, mlflow_client):
    outcome = run_taxis(PREDICTION, {"year": 2023, "month": 1})

    assert outcome.state == "success", outcome.failures
    assert_one_run_per_task_instance(outcome, mlflow_client, only=["train_model"])
    assert_tracked(
        outcome,
        mlflow_client,
        "train_model",
        params={"trained_on": "2023-01", "validated_on": "2023-02", "colour": "green"},
        metrics={"rmse": (5, 12), "training_rmse": (5, 12)},
        dataset=["green-2023-01", "green-2023-02"],
        inputs={"PULocationID": "long", "DOLocationID": "long", "hour": "long"},
        outputs="double",
        model="nyc-taxi-duration-green",
        version=1,
        alias="trained-2023-01",
        loads=True,
    )
    trained = outcome.xcom("train_model")
    assert trained["rmse"] > trained["training_rmse"]
    assert mlflow_client.get_experiment_by_name("nyc-taxi-experiment")


def test_prediction_without_the_next_month_says_which_is_missing(run_taxis):
    outcome = run_taxis(PREDICTION, {"year": 2023, "month": 2})

    [failed] = outcome.failures
    assert (failed.task_id, failed.map_index, failed.tries) == ("download", 1, 1)
    assert "green_tripdata_2023-03.parquet does not exist" in failed.error.message
    assert outcome.seen_runs.begun == ()


def test_prediction_on_a_next_month_of_another_schema_names_the_column(
    run_taxis, generated_months, tmp_path
):
    for month in (1, 2):
        name = FILE.format(colour="green", year=2023, month=month)
        whole = Path(generated_months.removeprefix("file://")).parent / name
        table = pl.read_parquet(whole)
        table = table.drop("DOLocationID") if month == 2 else table
        table.write_parquet(tmp_path / name)

    outcome = run_taxis(PREDICTION, source=source_of(tmp_path))

    assert {(task.task_id, task.map_index) for task in outcome.failures} == {("validate", 1)}
    assert "has no column `DOLocationID`" in outcome.failures[0].error.message


def test_homework_registers_a_regression_with_its_intercept(run_taxis, mlflow_client, yellow_march):
    outcome = run_taxis(HOMEWORK, source=yellow_march)

    assert outcome.state == "success", outcome.failures
    trained = outcome.xcom("train_model")
    assert_tracked(
        outcome,
        mlflow_client,
        "train_model",
        params={"algorithm": "LinearRegression", "colour": "yellow", "months": "2023-03"},
        metrics={"intercept": trained["intercept"], "rmse": (5, 12), "trips": 9_800},
        dataset={"name": "yellow-2023-03", "context": "training"},
        model="nyc-taxi-homework3-yellow",
        version=1,
        alias="trained-2023-03",
        loads=True,
    )
    tags = mlflow_client.get_model_version("nyc-taxi-homework3-yellow", "1").tags
    assert tags["intercept"] == f"{trained['intercept']}"


def test_on_real_months_they_find_what_scikit_learn_finds_and_more(run_taxis, real_months):
    conf = {"year": 2023, "month": 1, "colour": "green"}
    homework, prediction = (run_taxis(dag, conf, real_months) for dag in (HOMEWORK, PREDICTION))

    told = homework.xcom("train_model")
    assert (told["trips"], told["n_features"]) == (65_946, 467)
    # DictVectorizer and LinearRegression on all trips of January:
    assert told["rmse"] == pytest.approx(7.039937409, abs=1e-8)
    assert told["intercept"] == pytest.approx(22.766815, abs=1e-5)
    judged = prediction.xcom("train_model")
    assert judged["validation_trips"] == 62_574
    assert judged["rmse"] == pytest.approx(6.2, abs=0.05), "the linear one errs by 7.36 in February"
