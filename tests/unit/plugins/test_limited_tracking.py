"""What steps measured becomes one run each, in turn; and uploads get their own time."""

import logging
import os
import socket
import time

import pytest

from mlops import rate_limit
from mlops.artifact_timeout import VARIABLES, artifact_timeout
from mlops.limited_tracking import log_with_mlflow
from mlops.mlflow_session import TrackingError
from mlops.rate_limit import RateLimit
from mlops.storage import StorageError


def runs(server):
    return server.search_runs([server.get_experiment_by_name("etl").experiment_id])


def test_numbers_become_one_run_and_one_call(server, task):
    run_id = log_with_mlflow(
        "etl", {"rows": 3.0}, run_name="etl_0", params={"chunk": 0}, tags={"chunk": "0"}
    )
    [run] = runs(server)
    assert run.info.run_id == run_id
    assert (run.info.run_name, run.info.status) == ("etl_0", "FINISHED")
    assert (run.data.metrics, run.data.params) == ({"rows": 3.0}, {"chunk": "0"})
    assert run.data.tags["chunk"] == "0"
    assert rate_limit.state()["taken"] == 1


def test_second_try_takes_up_the_run(server, task):
    assert log_with_mlflow("etl", {"rows": 3.0}) == log_with_mlflow("etl", {"rows": 3.0})
    assert len(runs(server)) == 1
    assert rate_limit.state()["taken"] == 2


def test_call_over_the_limit_waits(server):
    slept = []
    now = [1000.0]

    def sleep(seconds):
        slept.append(seconds)
        now[0] += seconds

    limit = RateLimit("slow", calls=1, window=5.0, clock=lambda: now[0], sleep=sleep)
    for _ in range(2):
        log_with_mlflow("etl", {}, limit=limit)
    assert slept == [6.0]
    assert rate_limit.state("slow")["taken"] == 2


def test_mlflow_that_is_away_is_a_warning_or_an_error(monkeypatch, caplog):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with caplog.at_level(logging.WARNING):
        assert log_with_mlflow("etl", {"rows": 1.0}, required=False) is None
    [warning] = [one for one in caplog.records if one.name == "mlops.tracking"]
    assert "goes on without tracking" in warning.getMessage()
    with pytest.raises(TrackingError):
        log_with_mlflow("etl", {"rows": 1.0})


def test_mlflow_that_goes_away_in_the_middle_is_a_warning(server, task, monkeypatch):
    import mlflow

    def lose(*_, **__):
        raise mlflow.MlflowException("the connection was reset")

    monkeypatch.setattr(mlflow, "log_metrics", lose)
    run_id = log_with_mlflow("etl", {"rows": 1.0}, required=False)
    assert runs(server)[0].info.run_id == run_id
    with pytest.raises(TrackingError, match="does not answer"):
        log_with_mlflow("etl", {"rows": 1.0})


@pytest.mark.parametrize("value", [float("nan"), float("inf"), None, "1", True])
def test_metric_that_is_no_finite_number_takes_no_call(value):
    with pytest.raises(ValueError, match="The metrics b are no finite numbers"):
        log_with_mlflow("etl", {"a": 1.0, "b": value})
    assert rate_limit.state() is None


def test_uploads_get_their_time_and_the_rest_keeps_its_own(monkeypatch):
    from mlflow import environment_variables as known

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "7")
    monkeypatch.delenv("MLFLOW_ARTIFACT_UPLOAD_DOWNLOAD_TIMEOUT", raising=False)

    def upload():
        told.extend(getattr(known, name).get() for name in VARIABLES)
        raise KeyError

    told = []
    with pytest.raises(KeyError), artifact_timeout(600):
        upload()
    assert told == [600, 600]
    assert known.MLFLOW_HTTP_REQUEST_TIMEOUT.get() == 7
    assert VARIABLES[1] not in os.environ


def test_names_of_the_variables_are_those_that_mlflow_reads():
    from mlflow import environment_variables as known

    assert all(getattr(known, name).name == name for name in VARIABLES)
    assert not hasattr(known, "MLFLOW_ARTIFACT_UPLOAD_TIMEOUT")


def test_upload_in_no_time_is_refused():
    with pytest.raises(ValueError, match="at least one second"), artifact_timeout(0):
        pass


def test_limit_that_cannot_be_asked_is_a_warning_where_tracking_is_optional(
    server, task, monkeypatch, caplog
):
    monkeypatch.setenv("DATA_ROOT", "gs://nowhere")
    with caplog.at_level(logging.WARNING):
        assert log_with_mlflow("etl", {"rows": 1.0}, required=False) is None
    assert "The task goes on without tracking: gs://nowhere/rate_limit" in caplog.text
    with pytest.raises(StorageError, match="cannot be changed"):
        log_with_mlflow("etl", {"rows": 1.0})
    assert server.get_experiment_by_name("etl") is None, "nothing goes round the limit"


def test_failure_of_the_step_is_not_taken_for_one_of_tracking(server, task, monkeypatch):
    import mlflow

    def break_off(*_, **__):
        raise StorageError("s3://a is away.")

    monkeypatch.setattr(mlflow, "log_metrics", break_off)
    with pytest.raises(StorageError, match="s3://a is away"):
        log_with_mlflow("etl", {"rows": 1.0}, required=False)


def test_upload_that_is_never_over_is_one_sentence(tmp_path, monkeypatch):
    from mlflow.store.artifact.http_artifact_repo import HttpArtifactRepository

    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    (tmp_path / "blob").write_text("x")
    began = time.monotonic()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        store = HttpArtifactRepository(f"http://127.0.0.1:{silent.getsockname()[1]}/artifacts")
        with (
            pytest.raises(TrackingError, match=r"not over within 1 s.*; give `artifact_timeout`"),
            artifact_timeout(1),
        ):
            store.log_artifact(str(tmp_path / "blob"))
    assert 0.9 < time.monotonic() - began < 10


def test_refusal_of_an_upload_is_told_as_it_is():
    from mlflow import MlflowException

    with pytest.raises(MlflowException, match="no room"), artifact_timeout(1):
        raise MlflowException("no room")
