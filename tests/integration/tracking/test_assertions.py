"""The assertions on what a real MLflow holds after a run."""

import math
import re
from urllib.parse import urlsplit

import pytest

from dagproof.model import UsageError
from dagproof.testing import assert_one_run_per_task_instance, assert_tracked

TRAINED = {
    "params": {"year": 2023, "months": ..., "fit_intercept": True},
    "metrics": {
        "rmse": pytest.approx(7.04),
        "trips": lambda trips: trips > 2,
        "skew": math.nan,
        "worst": math.inf,
    },
    "tags": {"colour": "green"},
    "dataset": {
        "name": "green-2023-01",
        "context": "training",
        "digest": ...,
        "schema": ["hour", "zone", "y"],
    },
    "inputs": {"hour": "double", "zone": "long"},
    "outputs": "double",
    "logged_model": "model",
    "model": "trip-duration",
    "version": 1,
    "alias": "champion",
}


def steady(error):
    """Return a message without what is another in each run."""
    text = re.sub(r"[0-9a-f]{32}", "<id>", str(error))
    text = re.sub(r"\d\d:\d\d:\d\d\.\d{3}", "<time>", text)
    return re.sub(r"http://[^/]+/#/experiments/\d+/", "<mlflow>/", text)


def failing(assertion, *arguments, **options):
    with pytest.raises(AssertionError) as caught:
        assertion(*arguments, **options)
    return steady(caught.value)


def test_all_that_a_task_logged_is_said_in_one_call(run_tracking, mlflow_client):
    outcome = run_tracking("trains")

    run = assert_tracked(outcome, mlflow_client, "train", **TRAINED, loads=True, exact=True)

    assert run.info.run_id == outcome.task("train").mlflow_runs[0]
    assert_one_run_per_task_instance(outcome, mlflow_client)


def test_all_that_is_wrong_is_told_at_once(run_tracking, mlflow_client):
    outcome = run_tracking("trains")

    assert failing(
        assert_tracked,
        outcome,
        mlflow_client,
        "train",
        params={"year": 2024, "month": "2023-01"},
        metrics={"rmse": (None, 7), "skew": 0, "worst": -math.inf},
        tags={"color": "green"},
        dataset={
            "name": "green-2023-01",
            "context": "test",
            "schema": {"hour": "long", "zone": ...},
        },
        inputs=["zone", "hour"],
        outputs="long",
        model="trip-duration",
        version=2,
        alias="challenger",
    ) == (
        "The MLflow run of task `train` is not what was expected: 13 differences\n"
        "  params\n"
        "    - month: 2023-01   (not logged; did you mean `months`, which is 2023-01?)\n"
        "    - year: 2024\n"
        "    + year: 2023\n"
        "  metrics\n"
        "    - rmse: at most 7\n"
        "    + rmse: 7.04\n"
        "    - skew: 0\n"
        "    + skew: nan\n"
        "    - worst: -inf\n"
        "    + worst: inf\n"
        "  tags\n"
        "    - color: green   (not logged; did you mean `colour`, which is green?)\n"
        "  dataset green-2023-01\n"
        "    - context: test\n"
        "    + context: training\n"
        "  schema of dataset green-2023-01\n"
        "    - hour: long\n"
        "    + hour: double\n"
        "    + y: double   (not expected)\n"
        "  registered model trip-duration\n"
        "    - version: 2\n"
        "    + version: 1\n"
        "    - alias challenger: version 1\n"
        "    + alias challenger: no version\n"
        "  inputs of the model\n"
        "    - zone, hour\n"
        "    + hour, zone   (in another order)\n"
        "  outputs of the model\n"
        "    - 0: long\n"
        "    + 0: double\n"
        "  run `linear` of experiment `trips`, try 1\n"
        "  <mlflow>/runs/<id>"
    )


def test_alias_that_still_points_at_an_earlier_run_is_told(run_tracking, mlflow_client):
    first, second = run_tracking("trains"), run_tracking("trains")
    mlflow_client.set_registered_model_alias("trip-duration", "champion", "1")

    assert_tracked(first, mlflow_client, "train", model="trip-duration", alias="champion")
    text = failing(
        assert_tracked, second, mlflow_client, "train", model="trip-duration", alias="champion"
    )
    assert "    - alias champion: version 2\n    + alias champion: version 1\n" in text


def test_model_whose_file_is_gone_does_not_load(run_tracking, mlflow_client, s3):
    outcome = run_tracking("trains")
    run = assert_tracked(outcome, mlflow_client, "train")
    [model] = mlflow_client.search_logged_models([run.info.experiment_id])
    place = urlsplit(f"{model.artifact_location}/model.skops")
    s3.delete_object(Bucket=place.netloc, Key=place.path.lstrip("/"))

    text = failing(
        assert_tracked, outcome, mlflow_client, "train", model="trip-duration", loads=True
    )

    assert "  model\n    - loads\n    + FileNotFoundError: " in text


def test_runs_of_every_kind_count_as_one_each(run_tracking, mlflow_client):
    outcome = run_tracking("begins", timeout=300)

    for task_id in ("one", "nested", "by_client", "in_subprocess"):
        assert_tracked(outcome, mlflow_client, task_id)
    for index, number in enumerate((10, 20, 30)):
        assert_tracked(
            outcome, mlflow_client, "each", map_index=index, metrics={"number": number}, exact=True
        )
    assert_tracked(
        outcome,
        mlflow_client,
        "autologs",
        params={"fit_intercept": True},
        metrics={"training_r2_score": pytest.approx(1)},
        tags={"estimator_name": "LinearRegression"},
    )
    with pytest.raises(UsageError, match="`begins` has no task `on`"):
        assert_one_run_per_task_instance(outcome, mlflow_client, only=["on"])
    text = failing(assert_one_run_per_task_instance, outcome, mlflow_client)
    first, *rest = text.splitlines()
    assert first == "Not every task instance of `begins` has exactly one MLflow run and ended it:"
    assert sorted(rest) == [
        "    `first`, FINISHED, started <time> UTC in try 1  <id>",
        "    `regretted`, FINISHED, started <time> UTC in try 1, deleted  <id>",
        "    `second`, FINISHED, started <time> UTC in try 1  <id>",
        "  deletes: no run",
        "  two: 2 runs",
    ], "tasks that do not depend on each other run in any order"


def test_retry_that_resumes_its_run_has_one_and_a_retry_that_does_not_has_two(
    run_tracking, mlflow_client
):
    outcome = run_tracking("retried")

    assert_tracked(outcome, mlflow_client, "resumes", tags={"key": "resumes"})
    assert failing(assert_tracked, outcome, mlflow_client, "doubles") == (
        "Task `doubles` has 2 runs of MLflow; it shall have exactly one.\n"
        "    `doubled`, FAILED, started <time> UTC in try 1  <id>\n"
        "    `doubled`, FINISHED, started <time> UTC in try 2  <id>\n"
        "  A retry began another: resume the first one, by `start_run(run_id=...)`."
    )


def test_runs_that_nobody_ends_are_told_and_a_run_that_another_task_ends_is_not(
    run_tracking, mlflow_client
):
    outcome = run_tracking("left_open")

    assert_one_run_per_task_instance(outcome, mlflow_client, only=["hands_over", "takes_over"])
    text = failing(assert_one_run_per_task_instance, outcome, mlflow_client)
    assert "  forgets: left open\n    `forgotten`, FINISHED" in text
    assert "  abandons: `abandoned` still RUNNING\n    `abandoned`, RUNNING" in text
    assert "takes_over" not in text


def test_run_of_a_callback_has_no_owner(run_tracking, mlflow_client):
    assert failing(assert_one_run_per_task_instance, run_tracking("ownerless"), mlflow_client) == (
        "Not every task instance of `ownerless` has exactly one MLflow run and ended it:\n"
        "  outside any task: 1 run\n"
        "    `by the callback`, FINISHED, started <time> UTC  <id>"
    )
