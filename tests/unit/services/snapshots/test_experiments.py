"""What an MLflow server holds, by what it says and not by its ids and times."""

from urllib.parse import parse_qsl

import pytest

from dagproof.services import mlflow_api
from dagproof.services.mlflow_api import ApiError
from dagproof.services.snapshots import experiments as module
from dagproof.services.snapshots.experiments import Logged, logged

ENVIRONMENT = {"MLFLOW_TRACKING_URI": "http://mlflow.test"}
ONE, TWO = "0123456789abcdef" * 2, "fedcba9876543210" * 2
EXPERIMENT = {"experiment_id": "1", "name": "trips", "artifact_location": "s3://a/1"}


class Fake:
    """Answers by path, a list of items in pages of two."""

    def __init__(self, answers):
        self.answers = answers
        self.asked = []

    def __call__(self, server, path, body=None, method=None):
        assert (server.address, server.timeout) == (ENVIRONMENT["MLFLOW_TRACKING_URI"], 30)
        path, _, query = path.partition("?")
        self.asked.append((method or ("GET" if body is None else "POST"), path))
        answer = self.answers.get(path, {})
        if isinstance(answer, Exception):
            raise answer
        first = int((body or dict(parse_qsl(query))).get("page_token", 0))
        return {name: items[first : first + 2] for name, items in answer.items()} | (
            {"next_page_token": str(first + 2)}
            if any(items[first + 2 :] for items in answer.values())
            else {}
        )


def run(run_id=ONE, name="fit", start=1, stage="active", **data):
    info = {
        "run_id": run_id, "run_name": name, "experiment_id": "1", "status": "FINISHED",
        "start_time": start, "lifecycle_stage": stage, "artifact_uri": f"s3://a/1/{run_id}/artifacts",
    }  # fmt: skip
    inputs = data.pop("inputs", [])
    pairs = {
        part: [{"key": key, "value": value} for key, value in values.items()]
        for part, values in data.items()
    }
    return {"info": info, "data": pairs, "inputs": {"dataset_inputs": inputs}}


@pytest.fixture
def ask(monkeypatch):
    def ask(answers, cut=None):
        fake = Fake(answers)
        monkeypatch.setattr(mlflow_api, "ask", fake)
        found = logged(ENVIRONMENT, [] if cut is None else cut)
        return found, fake

    return ask


def of_runs(*runs, **more):
    return {
        "experiments/search": {"experiments": [EXPERIMENT]},
        "runs/search": {"runs": list(runs)},
        **more,
    }


def test_an_empty_server_is_asked_for_no_run(ask):
    found, fake = ask({})
    assert found == Logged()
    assert fake.asked == [("POST", "experiments/search"), ("GET", "registered-models/search")]


def test_a_run_is_told_by_what_it_says(ask):
    dataset = {"dataset": {"name": "trips", "digest": "abc"}}
    one = run(
        params={"seed": "7"},
        metrics={"rmse": 2.5, "nan": "NaN"},
        tags={"mlflow.user": "me", "mlflow.note.content": "note", "owner": "me", "itself": ONE},
        inputs=[dataset],
    )
    [told] = ask(of_runs(one))[0].runs
    assert (told.run_id, told.experiment, told.name, told.status) == (
        ONE,
        "trips",
        "fit",
        "FINISHED",
    )
    assert told.params == {"seed": "7"}
    assert told.metrics["rmse"] == 2.5
    assert told.metrics["nan"] != told.metrics["nan"]
    assert told.tags == {"mlflow.note.content": "note", "owner": "me", "itself": "*"}
    assert told.datasets == {"trips": "abc"}


def test_runs_come_oldest_first_and_a_made_up_name_is_none(ask):
    runs = (run(TWO, "bold-cat-123", 3), run(ONE, "fit-me-2x", 2))
    assert [(one.run_id, one.name) for one in ask(of_runs(*runs))[0].runs] == [
        (ONE, "fit-me-2x"),
        (TWO, ""),
    ]


def test_a_deleted_run_is_none_but_its_id_is_known(ask):
    found, _ = ask(of_runs(run(), run(TWO, stage="deleted")))
    assert [one.run_id for one in found.runs] == [ONE]
    assert found.ids == {ONE, TWO}
    assert found.homes[f"s3://a/1/{TWO}/artifacts"] == (TWO, "")
    assert found.roots == ("s3://a/1/",)


def test_runs_of_a_deleted_experiment_are_not_asked_for(ask):
    deleted = {**EXPERIMENT, "lifecycle_stage": "deleted"}
    answers = of_runs(run()) | {"experiments/search": {"experiments": [deleted]}}
    found, fake = ask(answers)
    assert found.runs == ()
    assert found.roots == ("s3://a/1/",)
    assert ("POST", "runs/search") not in fake.asked


def test_logged_models_belong_to_their_runs(ask):
    model = {
        "info": {
            "model_id": f"m-{TWO}",
            "artifact_uri": "s3://a/1/models/x",
            "name": "model",
            "source_run_id": ONE,
        }
    }
    found, _ = ask(of_runs(run(), **{"logged-models/search": {"models": [model]}}))
    assert found.homes["s3://a/1/models/x"] == (ONE, "model/")
    assert f"m-{TWO}" in found.ids


def test_a_server_that_knows_no_logged_models_is_no_failure(ask):
    found, _ = ask(of_runs(run(), **{"logged-models/search": ApiError(404, "", "no")}))
    assert len(found.runs) == 1


def test_versions_come_sorted_with_aliases_and_tags(ask):
    found, _ = ask(
        {
            "registered-models/search": {
                "registered_models": [
                    {
                        "name": "m",
                        "aliases": [{"alias": "b", "version": "2"}, {"alias": "a", "version": "2"}],
                    }
                ]
            },
            "model-versions/search": {
                "model_versions": [
                    {"name": "m", "version": "10"},
                    {"name": "m", "version": "2", "tags": [{"key": "t", "value": "1"}]},
                    {"name": "l", "version": "1"},
                ]
            },
        }
    )
    assert [(one.model, one.version, one.aliases, one.tags) for one in found.versions] == [
        ("l", "1", (), {}),
        ("m", "2", ("a", "b"), {"t": "1"}),
        ("m", "10", (), {}),
    ]


def test_all_pages_are_read(ask):
    runs = [run(f"{number:032x}", start=number) for number in range(5)]
    assert len(ask(of_runs(*runs))[0].runs) == 5


def test_what_is_too_much_is_cut_and_says_so(ask, monkeypatch):
    monkeypatch.setattr(module, "MOST", 3)
    cut = []
    runs = [run(f"{number:032x}", start=number) for number in range(5)]
    assert len(ask(of_runs(*runs), cut)[0].runs) == 3
    assert cut == ["Of MLflow's runs only 3 were compared."]
