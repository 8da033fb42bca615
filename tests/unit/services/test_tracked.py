"""What an MLflow server holds, as its REST API tells it."""

import pytest

from dagproof.model import RegisteredVersion, TrackedRun, Tracking
from dagproof.services import tracked

ADDRESS = {"MLFLOW_TRACKING_URI": "http://mlflow.test"}


def run(run_id, start, **data):
    info = {
        "run_id": run_id,
        "run_name": f"name of {run_id}",
        "experiment_id": "7",
        "status": "FINISHED",
        "start_time": start,
    }
    return {"info": info, "data": data}


@pytest.fixture
def answers(monkeypatch):
    """Give the answers by path; an absent one is empty, as MLflow leaves out empty lists."""
    given = {}
    monkeypatch.setattr(tracked, "_ask", lambda _address, path, _body=None: given.get(path, {}))
    return given


def test_without_mlflow_among_the_services_nothing_is_asked(monkeypatch):
    monkeypatch.setattr(tracked, "_ask", lambda *_: pytest.fail("asked"))
    assert tracked.tracking({}) == Tracking()
    assert tracked.tracking({"MLFLOW_TRACKING_URI": "sqlite:///mlflow.db"}) == Tracking()


def test_server_that_does_not_answer_any_more_holds_nothing(monkeypatch):
    def refuse(*_):
        raise ConnectionRefusedError

    monkeypatch.setattr(tracked, "_ask", refuse)
    assert tracked.tracking(ADDRESS) == Tracking()


def test_empty_server_holds_nothing(answers):
    assert tracked.tracking(ADDRESS) == Tracking()


def test_runs_come_oldest_first_with_metrics_and_own_tags(answers):
    answers["experiments/search"] = {"experiments": [{"experiment_id": "7", "name": "iris"}]}
    metrics = [{"key": "accuracy", "value": 0.5}]
    tags = [{"key": "dag_id", "value": "d"}, {"key": "mlflow.user", "value": "me"}]
    answers["runs/search"] = {
        "runs": [run("late", "20"), run("early", 3, metrics=metrics, tags=tags)]
    }

    early, late = tracked.tracking(ADDRESS).runs

    assert early == TrackedRun(
        "early", "name of early", "iris", "FINISHED", {"accuracy": 0.5}, {"dag_id": "d"}
    )
    assert late.run_id == "late"


def test_versions_are_in_order_of_number_with_their_aliases(answers):
    aliases = [{"alias": "champion", "version": "10"}, {"alias": "best", "version": "10"}]
    answers["registered-models/search"] = {
        "registered_models": [{"name": "m", "aliases": aliases}, {"name": "n"}]
    }
    answers["model-versions/search"] = {
        "model_versions": [
            {"name": "m", "version": "10", "run_id": "r"},
            {"name": "n", "version": "1"},
            {"name": "m", "version": "9"},
        ]
    }

    assert tracked.tracking(ADDRESS).versions == (
        RegisteredVersion("m", "9", (), ""),
        RegisteredVersion("m", "10", ("best", "champion"), "r"),
        RegisteredVersion("n", "1", (), ""),
    )


def test_a_server_is_asked_with_the_credentials_of_the_environment(monkeypatch):
    asked = []
    monkeypatch.setattr(tracked, "_ask", lambda server, *_: asked.append(server) or {})
    pair = {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "x"}
    tracked.tracking({**ADDRESS, **pair})
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "t")
    tracked.tracking(ADDRESS)

    assert {server.authorization for server in asked} == {"Basic bWU6eA==", "Bearer t"}
