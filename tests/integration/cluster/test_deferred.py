"""Sensors leave their worker: the triggerer waits, and a worker takes up again what has come."""

import time

from integration.cluster.conftest import ROOT
from integration.cluster.rest import Rest
from mlflow import MlflowClient

from dagproof.services.clients import s3_client

DAG = '''\
"""Waits for a file, and for a model."""

from airflow.sdk import dag

from mlops.sensors import FreshDataSensor, ModelAliasSensor


@dag(schedule=None, catchup=False)
def waiting():
    FreshDataSensor(task_id="data", path="in/day.csv", poke_interval=0.5, timeout=120)
    ModelAliasSensor(
        task_id="alias", model="trips", alias="staging", poke_interval=0.5, timeout=120
    )


waiting()
'''


def test_triggerer_waits_for_data_and_for_an_alias(clusters, tmp_path):
    root = tmp_path / "waiting"
    (root / "dags").mkdir(parents=True)
    (root / "dags" / "waiting.py").write_text(DAG)
    (root / "plugins").symlink_to(ROOT / "plugins")
    (root / "environments").symlink_to(ROOT / "environments")
    (root / "pyproject.toml").write_text('[tool.dagproof]\nplugins = "plugins"\n')
    with clusters(root=root) as record:
        rest = Rest(record)
        rest.await_dags(["waiting"])
        run_id = rest.trigger("waiting")
        await_states(rest, run_id, {"data": "deferred", "alias": "deferred"})

        bucket, _, folder = record.environment["DATA_ROOT"].removeprefix("s3://").partition("/")
        key = "/".join(filter(None, (folder, "in/day.csv")))
        s3_client(record.environment).put_object(Bucket=bucket, Key=key, Body=b"x")
        await_states(rest, run_id, {"data": "success", "alias": "deferred"})

        registry = MlflowClient(record.environment["MLFLOW_TRACKING_URI"])
        registry.create_registered_model("trips")
        registry.create_model_version("trips", "s3://trips/model")
        registry.set_registered_model_alias("trips", "staging", "1")
        assert rest.await_end("waiting", run_id) == "success"


def await_states(rest, run_id, expected, seconds=90):
    """Return when the tasks are in these states."""
    deadline = time.monotonic() + seconds
    while (found := states(rest, run_id)) != expected:
        assert time.monotonic() < deadline, found
        time.sleep(0.3)


def states(rest, run_id):
    return {task["task_id"]: task["state"] for task in rest.tasks("waiting", run_id)}
