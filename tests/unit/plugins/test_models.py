"""A model is logged once, whole, and with its run."""

import mlflow
import mlflow.sklearn
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from mlops import models
from mlops.mlflow_session import TrackingError
from mlops.tracking import fail_soft, tracked_run

HOW = {"pip_requirements": []}


def fitted(slope=2.0):
    rows = np.arange(6.0).reshape(-1, 1)
    return LinearRegression().fit(rows, slope * rows[:, 0])


def log(model):
    return models.log_model(mlflow.sklearn, model, "model", **HOW)


def logged(server):
    [experiment] = [one for one in server.search_experiments() if one.name == "models"]
    return server.search_logged_models([experiment.experiment_id])


def test_model_is_ready_loads_and_belongs_to_its_run(server, task):
    with tracked_run("models", params={"depth": 3}) as run:
        address = log(fitted())
    [model] = logged(server)
    assert address == f"models:/{model.model_id}"
    assert (model.name, str(model.status), model.params) == ("model", "READY", {"depth": "3"})
    assert model.source_run_id == run.info.run_id
    [output] = server.get_run(run.info.run_id).outputs.model_outputs
    assert output.model_id == model.model_id
    loaded = mlflow.pyfunc.load_model(address)
    assert loaded.metadata.model_id == model.model_id
    assert loaded.metadata.run_id == run.info.run_id
    assert loaded.predict(np.array([[3.0]])) == pytest.approx([6.0])


def test_equal_model_of_a_later_try_is_the_same_model(server, task):
    with pytest.raises(ZeroDivisionError), tracked_run("models"):  # noqa: PT012 - the order matters
        first = log(fitted())
        _ = 1 / 0
    with tracked_run("models") as run:
        assert log(fitted()) == first
    assert len(logged(server)) == 1
    assert len(server.get_run(run.info.run_id).outputs.model_outputs) == 1


def test_other_model_of_a_later_try_is_another_model(server, task):
    with tracked_run("models"):
        first = log(fitted())
    with tracked_run("models"):
        second = log(fitted(slope=3.0))
    assert first != second
    assert mlflow.pyfunc.load_model(first).predict(np.array([[1.0]])) == pytest.approx([2.0])
    assert mlflow.pyfunc.load_model(second).predict(np.array([[1.0]])) == pytest.approx([3.0])


def test_model_whose_upload_was_cut_short_is_made_whole_by_the_next_try(server, task, monkeypatch):
    class Killed(BaseException):
        """Leaves no chance to tidy up."""

    def die(*_):
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(mlflow.MlflowClient, "log_model_artifacts", die)
        with pytest.raises(Killed), tracked_run("models"):
            log(fitted())
    assert [str(model.status) for model in logged(server)] == ["PENDING"]
    with tracked_run("models"):
        address = log(fitted())
    assert [str(model.status) for model in logged(server)] == ["READY"]
    assert mlflow.pyfunc.load_model(address).predict(np.array([[1.0]])) == pytest.approx([2.0])


def test_store_that_does_not_take_the_files_is_named_and_the_model_never_ready(
    server, task, monkeypatch
):
    def refuse(*_):
        raise OSError("no space\nleft")

    with monkeypatch.context() as patched:
        patched.setattr(mlflow.MlflowClient, "log_model_artifacts", refuse)
        with pytest.raises(TrackingError, match=r"to \S+ \(no space left\)"), tracked_run("models"):
            log(fitted())
    assert [str(model.status) for model in logged(server)] == ["FAILED"]
    with tracked_run("models"):
        log(fitted())
    assert sorted(str(model.status) for model in logged(server)) == ["FAILED", "READY"]


@pytest.mark.parametrize("request_", ["create_run", "_create_logged_model", "log_outputs"])
def test_lost_answer_makes_nothing_twice(server, task, monkeypatch, request_):
    carry_out, lost = getattr(mlflow.MlflowClient, request_), []

    def lose(self, *arguments, **options):
        answer = carry_out(self, *arguments, **options)
        if not lost:
            lost.append(request_)
            raise mlflow.MlflowException("the connection was reset")
        return answer

    monkeypatch.setattr(mlflow.MlflowClient, request_, lose)
    with tracked_run("models") as run:
        log(fitted())
    assert lost == [request_]
    assert len(logged(server)) == 1
    found = server.search_runs([run.info.experiment_id])
    assert [one.info.status for one in found] == ["FINISHED"]
    assert len(found[0].outputs.model_outputs) == 1


def test_failure_of_tracking_is_one_sentence_or_one_warning(server, caplog):
    def fail():
        raise mlflow.MlflowException("gone\nwith details")

    with pytest.raises(TrackingError, match=r"does not answer \(gone\)"), fail_soft(required=True):
        fail()
    with fail_soft(required=False):
        fail()
        pytest.fail("what is left of the block is left out")
    [record] = [record for record in caplog.records if record.name == "mlops.tracking"]
    assert "goes on without tracking" in record.getMessage()
    with pytest.raises(ZeroDivisionError), fail_soft(required=False):
        _ = 1 / 0
