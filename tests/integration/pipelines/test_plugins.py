"""Each operator and sensor of `mlops` works in a run, and says in one sentence why it does not."""

import threading
import time
from pathlib import Path

import pytest

from dagproof.testing import assert_tracked

DAGS = Path(__file__).parents[2] / "fixtures" / "dags"


def give_signal(client, given):
    """Let `go` name version 1, some time after `production` does."""
    from mlflow import MlflowException

    while not given.wait(0.2):
        try:
            client.get_model_version_by_alias("plugged", "production")
        except MlflowException:
            continue
        time.sleep(2)
        client.set_registered_model_alias("plugged", "go", "1")
        return


def test_all_of_them_do_their_work_in_a_run(run_dag, mlflow_client):
    over = threading.Event()
    signal = threading.Thread(target=give_signal, args=(mlflow_client, over))
    signal.start()
    try:
        outcome = run_dag(DAGS / "plugins_in_use.py")
    finally:
        over.set()
        signal.join(30)

    assert outcome.state == "success", outcome.failures
    assert outcome.xcom("check")["models"] == 0
    assert_tracked(
        outcome,
        mlflow_client,
        "fit",
        metrics={"accuracy": (0.9, 0.9), "depth": (3, 3)},
        tags={"component": "plugged"},
    )
    version = {"name": "plugged", "version": "1"}
    assert outcome.xcom("register") == version
    assert outcome.xcom("stage") == version | {"alias": "staging"}
    assert outcome.xcom("promote") == version | {"alias": "production"}
    for sensor in ("await_version", "await_alias", "await_signal"):
        assert outcome.xcom(sensor).items() >= version.items()
    before, after = outcome.task("await_alias"), outcome.task("write_data")
    assert after.started - before.started - before.seconds > 1, "the signal came after the question"
    assert outcome.xcom("await_data")["uri"].endswith("/plugged/data.json")
    aliases = mlflow_client.get_registered_model("plugged").aliases
    assert {name: str(number) for name, number in aliases.items()} == {
        "staging": "1",
        "production": "1",
        "go": "1",
    }


@pytest.mark.parametrize(
    ("env", "why"),
    [
        ({}, "Look at what should make it, or raise `timeout`."),
        (
            {"MLFLOW_TRACKING_URI": "http://127.0.0.1:9"},
            "MLflow at http://127.0.0.1:9 does not answer (",
        ),
    ],
)
def test_what_never_comes_is_told_when_the_time_is_over(run_dag, env, why):
    outcome = run_dag(DAGS / "plugins_in_vain.py", env=env)

    failures = {task.task_id: task for task in outcome.failures}
    assert sorted(failures) == ["deferred", "poked"]
    assert f"No alias `never` of `nobody` within 1.5 s. {why}" in failures["deferred"].error.message
    assert f"No `nobody` within 1.5 s. {why}" in failures["poked"].error.message
    assert [task.tries for task in outcome.failures] == [1, 1], "time that is over is over"
    assert outcome.task("skipped").state == "skipped"
