"""Operators check, run, register and promote, and say in one sentence why they do not."""

import mlflow
import numpy as np
import pytest

from mlops import registry
from mlops.mlflow_session import TrackingError
from mlops.operators import (
    CheckMlflowOperator,
    PromoteModelOperator,
    RegisterModelOperator,
    TrackedStepOperator,
)

try:
    from airflow.sdk.exceptions import AirflowFailException
except ImportError:
    from airflow.exceptions import AirflowFailException


def measured(rows="3", **more):
    mlflow.log_param("inside", "yes")
    return {"rows": int(rows), "share": 0.5, "good": True, "name": "x", **more}


def step(function=measured, **kwargs):
    return TrackedStepOperator(task_id="train", step=function, component="etl", **kwargs)


def runs(server, name="etl"):
    return server.search_runs([server.get_experiment_by_name(name).experiment_id])


@pytest.fixture
def logged(server):
    """A logged model without files."""
    experiment = server.create_experiment("taxi")
    run = server.create_run(experiment)
    model = mlflow.initialize_logged_model("model", run.info.run_id)
    return f"models:/{model.model_id}"


@pytest.fixture
def versions(server):
    server.create_registered_model("taxi")
    for _ in range(3):
        server.create_model_version("taxi", "file:///nowhere")
    return server


def test_check_says_where_mlflow_is(server, monkeypatch):
    from mlops import mlflow_session

    told = CheckMlflowOperator(task_id="check").execute({})
    assert told["address"].startswith("sqlite:///")
    assert (told["experiments"], told["models"]) == (1, 0)
    assert mlflow_session.public("http://me:secret@m:1/a") == "http://m:1/a"


def test_check_of_a_server_that_is_away_is_one_sentence(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://me:secret@127.0.0.1:9")
    with pytest.raises(TrackingError) as away:
        CheckMlflowOperator(task_id="check").execute({})
    assert str(away.value).startswith("MLflow at http://127.0.0.1:9 does not answer (")
    assert "secret" not in str(away.value)


def test_step_is_one_run_with_the_numbers_that_it_returned(server, task):
    given = {"run_params": {"depth": 3}, "run_tags": {"team": "us"}, "op_kwargs": {"rows": "7"}}
    told = step(**given).execute({})
    [run] = runs(server)
    assert told == {
        "rows": 7,
        "share": 0.5,
        "good": True,
        "name": "x",
        "mlflow_run_id": run.info.run_id,
    }
    assert run.data.metrics == {"rows": 7.0, "share": 0.5}
    assert run.data.params == {"depth": "3", "inside": "yes"}
    assert run.data.tags["team"] == "us"
    assert (run.info.status, run.info.run_name) == ("FINISHED", "train")


def test_numbers_that_are_not_finite_are_not_logged(server):
    told = step(op_kwargs={"loss": float("nan"), "worst": float("inf")}).execute({})
    assert runs(server)[0].data.metrics == {"rows": 3.0, "share": 0.5}
    assert told["worst"] == float("inf")


def test_step_that_fails_fails_its_run(server, task):
    with pytest.raises(ZeroDivisionError):
        step(lambda: 1 / 0).execute({})
    assert runs(server)[0].info.status == "FAILED"


def test_step_that_is_tried_again_takes_up_its_run(server, task):
    with pytest.raises(ZeroDivisionError):
        step(lambda: 1 / 0).execute({})
    step().execute({})
    assert [run.info.status for run in runs(server)] == ["FINISHED"]


def test_step_that_returns_no_mapping_is_told_and_not_retried(server):
    with pytest.raises(AirflowFailException, match=r"`list\(\)` returned list, .* no mapping"):
        step(list).execute({})


def test_step_goes_on_without_mlflow_where_it_is_optional(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    told = step(lambda: {"rows": 1}, required=False).execute({})
    assert told == {"rows": 1, "mlflow_run_id": None}
    with pytest.raises(TrackingError, match="does not answer"):
        step(lambda: {"rows": 1}).execute({})


def test_model_is_registered_once(logged, server):
    operator = RegisterModelOperator(
        task_id="register", model_uri=logged, model="taxi", version_tags={"rmse": "5.1"}
    )
    assert operator.execute({}) == operator.execute({}) == {"name": "taxi", "version": "1"}
    [version] = server.search_model_versions("name = 'taxi'")
    assert version.tags["rmse"] == "5.1"


@pytest.mark.parametrize("uri", ["None", "", "/tmp/model", "models:/taxi/1"])
def test_what_is_no_logged_model_is_not_registered(server, uri):
    with pytest.raises(AirflowFailException, match="names no logged model"):
        RegisterModelOperator(task_id="register", model_uri=uri, model="taxi").execute({})
    assert server.search_registered_models() == []


def aliases(server):
    return {name: str(of) for name, of in server.get_registered_model("taxi").aliases.items()}


def promote(alias="production", **kwargs):
    operator = PromoteModelOperator(task_id="promote", model="taxi", alias=alias, **kwargs)
    return operator.execute({})


def test_alias_moves_to_the_version(versions):
    assert promote(version="2") == {"name": "taxi", "version": "2", "alias": "production"}
    assert promote(version=3)["version"] == "3"
    assert aliases(versions) == {"production": "3"}


def test_production_becomes_what_staging_is(versions):
    registry.promote("taxi", 2, "staging")
    for _ in range(2):
        assert promote(from_alias="staging")["version"] == "2"
    assert aliases(versions) == {"staging": "2", "production": "2"}
    assert versions.get_model_version("taxi", "2").current_stage == "None"


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        ({"version": "9"}, "There is no version 9 of `taxi`, so `production` stays"),
        ({"from_alias": "staging"}, "There is no alias `staging` of `taxi`, so `production` stays"),
        ({"version": "None"}, "`promote` got no version"),
        ({"version": "newest"}, "`newest` is no version"),
    ],
)
def test_promotion_to_nothing_changes_nothing(versions, wanted, said):
    registry.promote("taxi", 1, "production")
    with pytest.raises(AirflowFailException, match=said):
        promote(**wanted)
    assert aliases(versions) == {"production": "1"}


@pytest.mark.parametrize("both", [{}, {"version": 1, "from_alias": "staging"}])
def test_promotion_wants_one_of_two(both):
    with pytest.raises(ValueError, match="either `version` or `from_alias`"):
        PromoteModelOperator(task_id="promote", model="taxi", alias="production", **both)


def test_promotion_without_a_registry_is_one_sentence(monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(TrackingError, match=r"MLflow at http://127\.0\.0\.1:9 does not answer"):
        promote(version=1)


def test_numbers_of_numpy_are_logged_too(server):
    step(lambda: {"a": np.float32(0.5), "b": np.int64(3), "c": np.bool_(1)}).execute({})
    assert runs(server)[0].data.metrics == {"a": 0.5, "b": 3.0}


def test_step_that_is_no_function_is_told_when_the_dag_is_read():
    with pytest.raises(TypeError, match="`step` of task `train` is no function"):
        step({"rows": 3})


@pytest.mark.parametrize("uri", ["models:/m-123", f"runs:/{'0' * 32}/model"])
def test_model_that_mlflow_does_not_know_leaves_nothing_and_is_not_retried(server, uri):
    with pytest.raises(AirflowFailException, match=f"knows no model {uri}, so `taxi` gets no"):
        RegisterModelOperator(task_id="register", model_uri=uri, model="taxi").execute({})
    assert server.search_registered_models() == []


@pytest.mark.parametrize("name", [None, "", "a/b", "None"])
def test_names_that_mlflow_refuses_fail_at_once(versions, name):
    wrong = [
        TrackedStepOperator(task_id="t", step=dict, component="" if name == "a/b" else name),
        RegisterModelOperator(task_id="t", model_uri="models:/m-1", model=name),
        PromoteModelOperator(task_id="t", model=name, alias="production", version=1),
        PromoteModelOperator(task_id="t", model="taxi", alias=name, version=1),
        PromoteModelOperator(task_id="t", model="taxi", alias="v3", version=1),
        PromoteModelOperator(task_id="t", model="taxi", alias="production", from_alias=name or ""),
    ]
    for operator in wrong:
        with pytest.raises(AirflowFailException, match=r"is named|cannot (name|be)"):
            operator.execute({})
    assert aliases(versions) == {}


def test_model_uri_that_is_missing_is_told(server):
    with pytest.raises(AirflowFailException, match="`None` names no logged model"):
        RegisterModelOperator(task_id="register", model_uri=None, model="taxi").execute({})
