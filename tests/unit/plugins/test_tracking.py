"""One MLflow run for each task, whatever happens, and no trace of it in the process."""

import logging
import os
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from http.client import RemoteDisconnected

import mlflow
import pytest
import requests
from mlflow.tracking import fluent
from urllib3.exceptions import ProtocolError, ReadTimeoutError, ResponseError

from mlops import mlflow_session, registry, task_context, tracking
from mlops.task_context import TaskIdentity
from mlops.tracking import TrackingError, tracked_run


@pytest.fixture
def dead(monkeypatch):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    return address


def runs(server, name="iris"):
    experiment = server.get_experiment_by_name(name)
    return server.search_runs([experiment.experiment_id])


def state():
    return (
        dict(os.environ),
        mlflow.active_run(),
        fluent._active_experiment_id,
        mlflow.get_tracking_uri(),
        mlflow.get_registry_uri(),
    )


def test_run_ends_finished_with_params_and_tags(server, task):
    with tracked_run("iris", params={"depth": 3}, tags={"more": "yes"}) as run:
        mlflow.log_metric("accuracy", 1.0)
    [found] = runs(server)
    assert found.info.run_id == run.info.run_id
    assert found.info.status == "FINISHED"
    assert found.info.run_name == "train"
    assert found.data.params == {"depth": "3"}
    assert found.data.metrics == {"accuracy": 1.0}
    expected = {
        "dag_id": "dag",
        "run_id": task.run_id,
        "task_id": "train",
        "map_index": "-1",
        "environment": "dev",
        "team": "ml-platform",
        "component": "iris",
        "source": "airflow",
        "more": "yes",
        "airflow.task_key": f"dag/{task.run_id}/train/-1",
    }
    assert expected.items() <= found.data.tags.items()


def test_process_is_as_before_after_success_and_failure(server, task, monkeypatch):
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", "77")
    before = state()
    with tracked_run("iris"):
        pass
    assert state() == before
    with pytest.raises(ZeroDivisionError), tracked_run("iris"):
        _ = 1 / 0
    assert state() == before


def test_exception_of_the_block_is_the_same_object_and_the_run_failed(server):
    mine = KeyError("mine")
    with pytest.raises(KeyError) as caught, tracked_run("iris"):
        raise mine
    assert caught.value is mine
    assert [run.info.status for run in runs(server)] == ["FAILED"]


def test_retry_resumes_the_failed_run(server, task):
    with pytest.raises(ZeroDivisionError), tracked_run("iris", params={"depth": 3}) as first:
        _ = 1 / 0
    with tracked_run("iris", params={"depth": 3}) as second:
        assert server.get_run(second.info.run_id).info.status == "RUNNING"
    assert second.info.run_id == first.info.run_id
    assert [run.info.status for run in runs(server)] == ["FINISHED"]


def test_retry_with_other_params_sets_the_first_run_aside(server, task):
    with tracked_run("iris", params={"depth": 3}) as first:
        pass
    for _ in range(2):
        with tracked_run("iris", params={"depth": 4}) as second:
            pass
    assert second.info.run_id != first.info.run_id
    assert len(runs(server)) == 2
    old = server.get_run(first.info.run_id)
    assert old.data.params == {"depth": "3"}
    assert old.data.tags["airflow.superseded_task_key"] == task.key
    assert "airflow.task_key" not in old.data.tags


def test_two_names_in_one_task_are_two_runs(server, task):
    for _ in range(2):
        for name in ("linear", "it's a tree"):
            with tracked_run("iris", run_name=name, params={"model": name}):
                pass
    assert sorted(run.info.run_name for run in runs(server)) == ["it's a tree", "linear"]


def test_another_map_index_is_another_run(server, monkeypatch):
    for index in (0, 1):
        identity = TaskIdentity("dag", "run", "train", index, 1)
        monkeypatch.setattr(task_context, "current", lambda identity=identity: identity)
        with tracked_run("iris"):
            pass
    assert len(runs(server)) == 2


def test_outside_a_task_each_block_is_a_run(server):
    for _ in range(2):
        with tracked_run("iris") as run:
            assert "dag_id" not in run.data.tags
    assert len(runs(server)) == 2


def test_run_that_the_block_left_open_is_closed(server):
    with tracked_run("iris") as run:
        mlflow.start_run(nested=True)
    assert mlflow.active_run() is None
    assert {found.info.status for found in runs(server)} == {"FINISHED"}
    assert server.get_run(run.info.run_id).info.status == "FINISHED"


def test_run_that_the_block_ended_is_no_error(server):
    with tracked_run("iris"):
        mlflow.end_run()
    assert [found.info.status for found in runs(server)] == ["FINISHED"]


def test_leaked_experiment_does_not_hinder_a_retry(server, task, monkeypatch):
    with tracked_run("iris"):
        pass
    monkeypatch.setattr(fluent, "_active_experiment_id", "0")
    with tracked_run("iris"):
        pass
    assert len(runs(server)) == 1


def test_experiment_made_by_another_task_meanwhile_is_taken(server, monkeypatch):
    real, other = mlflow.MlflowClient.create_experiment, []

    def late(self, name, *args, **kwargs):
        other.append(real(server, name))
        return real(self, name, *args, **kwargs)

    monkeypatch.setattr(mlflow.MlflowClient, "create_experiment", late)
    with tracked_run("iris") as run:
        assert [run.info.experiment_id] == other


def test_many_tasks_at_once_make_one_experiment(server):
    def make(_):
        return tracking._experiment(mlflow.MlflowClient(server.tracking_uri), "iris")

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(make, range(4)))) == 1


def test_deleted_experiment_says_how_to_restore_it(server):
    server.delete_experiment(server.create_experiment("iris"))
    with pytest.raises(TrackingError, match="mlflow experiments restore"), tracked_run("iris"):
        pass


def test_deleted_experiment_is_one_warning_where_tracking_is_optional(server, caplog):
    server.delete_experiment(server.create_experiment("iris"))
    with caplog.at_level(logging.WARNING, "mlops"), tracked_run("iris", required=False) as run:
        assert run is None
    assert "mlflow experiments restore" in caplog.text


def test_dead_server_fails_a_required_run_in_seconds(dead):
    before, began = state(), time.monotonic()
    with (
        pytest.raises(
            TrackingError, match=r"\(Connection refused\).*MLFLOW_TRACKING_URI"
        ) as caught,
        tracked_run("iris"),
    ):
        pytest.fail("the block must not run")
    assert dead in str(caught.value)
    assert "\n" not in str(caught.value)
    assert time.monotonic() - began < 10
    assert state() == before


def test_server_that_never_answers_is_given_up_after_one_retry(monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as mute:
        monkeypatch.setenv("MLFLOW_TRACKING_URI", f"http://127.0.0.1:{mute.getsockname()[1]}")
        monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")  # what the operator sets stays
        began = time.monotonic()
        with pytest.raises(TrackingError, match="does not answer"):
            tracking.client()
        assert time.monotonic() - began < 4


def test_dead_server_is_one_warning_where_tracking_is_optional(dead, caplog):
    with caplog.at_level(logging.WARNING, "mlops"), tracked_run("iris", required=False) as run:
        assert run is None
    [record] = [record for record in caplog.records if record.name.startswith("mlops")]
    assert "goes on without tracking" in record.getMessage()


def test_optional_tracking_does_not_swallow_the_blocks_exception(dead):
    with pytest.raises(ZeroDivisionError) as caught, tracked_run("iris", required=False):
        _ = 1 / 0
    assert caught.value.__context__ is None, "MLflow is not to blame"


def test_server_that_dies_meanwhile_does_not_mask_the_blocks_exception(server, monkeypatch):
    def gone(*args, **kwargs):
        raise mlflow.MlflowException("gone")

    with pytest.raises(ZeroDivisionError), tracked_run("iris"):  # noqa: PT012 - the order matters
        monkeypatch.setattr(mlflow.MlflowClient, "set_terminated", gone)
        _ = 1 / 0
    assert mlflow.active_run() is None


def test_server_that_dies_meanwhile_fails_a_required_run(server, monkeypatch):
    def gone(*args, **kwargs):
        raise mlflow.MlflowException("gone")

    with pytest.raises(TrackingError, match=r"does not answer \(gone\)"), tracked_run("iris"):
        monkeypatch.setattr(mlflow.MlflowClient, "set_terminated", gone)
    assert mlflow.active_run() is None


def test_missing_address_is_a_tracking_error(monkeypatch, tmp_path):
    monkeypatch.setenv("ENVIRONMENTS_DIR", str(tmp_path))
    with pytest.raises(TrackingError, match="No environment `dev`"), tracked_run("iris"):
        pass


def test_password_of_an_address_is_not_shown():
    said = mlflow_session.no_answer("http://me:secret@host:5000/x", ValueError("no"))
    assert "http://host:5000/x" in str(said)
    assert "secret" not in str(said)


@pytest.mark.parametrize(
    ("bottom", "said"),
    [
        (ConnectionResetError(104, "Connection reset by peer"), "Connection reset by peer"),
        (RemoteDisconnected("Remote end closed connection"), "Remote end closed connection"),
        (ReadTimeoutError(None, "/", "Read timed out."), "it did not answer in time"),
        (ResponseError("too many 503 error responses"), "too many 503 error responses"),
        (KeyError("elsewhere"), "what the client says"),
    ],
)
def test_reason_is_told_in_the_words_of_who_gave_up(bottom, said):
    error = mlflow.MlflowException("what the client says\nat length")
    error.__context__ = requests.ConnectionError(ProtocolError("Connection aborted.", bottom))
    assert f"does not answer ({said})" in str(mlflow_session.no_answer("http://host", error))


def test_client_of_a_dead_server_is_refused(dead):
    with pytest.raises(TrackingError, match="does not answer"):
        tracking.client()


def test_client_speaks_to_the_environments_server(server):
    assert tracking.client().tracking_uri == server.tracking_uri


@pytest.fixture
def model(server):
    """A model that a run logged, which needs no library."""
    with tracked_run("iris") as run:
        logged = mlflow.initialize_logged_model(name="model")
        mlflow.finalize_logged_model(logged.model_id, "READY")
    return f"models:/{logged.model_id}", run.info.run_id


def test_unknown_model_and_missing_alias_have_no_champion(server, model):
    assert registry.champion("nobody") is None
    registry.register(model[0], "m")
    assert registry.champion("m") is None


def test_the_same_model_is_registered_once(server, model, task):
    versions = {str(registry.register(model[0], "m", {"a": "b"}).version) for _ in range(3)}
    versions.add(str(registry.register(f"runs:/{model[1]}/model", "m").version))
    assert versions == {"1"}
    tags = server.get_model_version("m", "1").tags
    assert {"a": "b", "airflow.task_key": task.key}.items() <= tags.items()


def test_promotion_moves_the_alias(server, model):
    registry.register(model[0], "m")
    registry.promote("m", 1)
    assert str(registry.champion("m").version) == "1"
    assert registry.champion("m", "other") is None


def test_promotion_of_no_version_says_what_the_server_said(server):
    with pytest.raises(TrackingError, match="refuses: Registered Model with name=m not found"):
        registry.promote("m", 1)


def test_registry_of_a_dead_server_is_a_tracking_error(dead):
    for act in (
        lambda: registry.champion("m"),
        lambda: registry.promote("m", 1),
        lambda: registry.register("models:/m-1", "m"),
    ):
        with pytest.raises(TrackingError, match="does not answer"):
            act()


def test_registry_leaves_the_process_as_before(server, model):
    before = state()
    registry.register(model[0], "m")
    registry.champion("m")
    assert state() == before
