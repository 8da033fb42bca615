"""Monitors under a scheduler: two that see the same drift at once have the model trained once."""

from concurrent.futures import ThreadPoolExecutor

from fixtures.iris_family import measured, stored
from integration.cluster.rest import Rest
from mlflow import MlflowClient

MONITOR, TRAINING = "model_monitoring_pipeline", "ml_training_pipeline"


def test_two_monitors_at_once_have_the_model_trained_once_and_are_quiet_then(clusters, tmp_path):
    unmoved = stored(measured(seed=1), tmp_path, "unmoved.parquet")
    moved = {"current": stored(measured(seed=2, shift=1.0), tmp_path, "moved.parquet")}
    with clusters() as record:
        rest = Rest(record)
        rest.await_dags([MONITOR, TRAINING])
        first = rest.trigger(TRAINING, {"source": unmoved, "n_estimators": 10})
        assert rest.await_end(TRAINING, first) == "success"

        with ThreadPoolExecutor(2) as threads:
            both = list(threads.map(lambda _: rest.trigger(MONITOR, moved), range(2)))
        assert [rest.await_end(MONITOR, one) for one in both] == ["success"] * 2
        assert sorted(retrained(rest, one) for one in both) == ["skipped", "success"]

        runs = {run["dag_run_id"] for run in rest.get(f"/dags/{TRAINING}/dagRuns")["dag_runs"]}
        (second,) = runs - {first}
        assert second.startswith("drift__v1__")
        assert rest.await_end(TRAINING, second) == "success"
        registry = MlflowClient(record.environment["MLFLOW_TRACKING_URI"])
        champion = registry.get_model_version_by_alias("iris-classifier", "champion")
        assert champion.version == "2"

        last = rest.trigger(MONITOR, moved)
        assert rest.await_end(MONITOR, last) == "success"
        assert retrained(rest, last) == "skipped"
        assert len(rest.get(f"/dags/{TRAINING}/dagRuns")["dag_runs"]) == 2


def retrained(rest, run_id):
    """Return the state of the task that triggers the training."""
    (state,) = (one["state"] for one in rest.tasks(MONITOR, run_id) if one["task_id"] == "retrain")
    return state
