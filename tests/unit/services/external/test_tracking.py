"""An MLflow server that exists already, played by a dictionary."""

import itertools
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from dagproof.model import UnavailableError
from dagproof.services import mlflow_api
from dagproof.services.external import holder, tracking, urls
from dagproof.services.mlflow_api import ApiError

TRACES = "/api/3.0/mlflow/traces/search"
DATASETS = "/api/3.0/mlflow/datasets"


class Mlflow:
    """What an MLflow server holds, and what it was asked."""

    def __init__(self):
        self.clock = itertools.count(1)
        self.asked = []
        self.unknown = set()
        self.experiments = {}
        self.runs, self.models, self.prompts = {}, [], []
        self.traces, self.logged, self.datasets, self.webhooks = [], [], [], []
        self.experiment("Default", "0")

    def experiment(self, name, number="", stage="active", **tags):
        number = number or str(len(self.experiments))
        self.experiments[number] = {
            "experiment_id": number,
            "name": name,
            "lifecycle_stage": stage,
            "tags": [{"key": key, "value": value} for key, value in tags.items()],
            "changed": next(self.clock),
        }
        return self.experiments[number]

    def names(self):
        return [e["name"] for e in self.experiments.values() if e["lifecycle_stage"] == "active"]

    def ask(self, _server, path, body=None, method=None):
        bare, query = urlsplit(path).path, parse_qs(urlsplit(path).query)
        self.asked.append(bare)
        if bare in self.unknown:
            raise ApiError(404, "", "Not Found")
        verb = {None: "POST" if body is not None else "GET"}.get(method, method)
        known = re.sub(r"\W+", "_", bare.removeprefix("/api/3.0/mlflow/")).strip("_")
        act = getattr(self, f"{verb.lower()}_{known}", None)
        if act is not None:
            return act(body or query) or {}
        kind, _, name = bare.rpartition("/")
        {"logged-models": self.logged, DATASETS: self.datasets, "webhooks": self.webhooks}[
            kind
        ].remove(name)
        return {}

    def get_experiments_get(self, query):
        return {"experiment": self.experiments[query["experiment_id"][0]]}

    def post_experiments_search(self, body):
        assert body["view_type"] == "ALL"
        found = sorted(self.experiments.values(), key=lambda e: -e["changed"])
        return {"experiments": [dict(e) for e in found]}

    def _change(self, body, **changes):
        self.experiments[body["experiment_id"]].update(changes, changed=next(self.clock))

    def post_experiments_update(self, body):
        assert self.experiments[body["experiment_id"]]["lifecycle_stage"] == "active"
        self._change(body, name=body["new_name"])

    def post_experiments_delete(self, body):
        assert self.experiments[body["experiment_id"]]["lifecycle_stage"] == "active"
        self._change(body, lifecycle_stage="deleted")

    def post_experiments_restore(self, body):
        assert self.experiments[body["experiment_id"]]["lifecycle_stage"] == "deleted"
        self._change(body, lifecycle_stage="active")

    def post_experiments_set_experiment_tag(self, body):
        assert self.experiments[body["experiment_id"]]["lifecycle_stage"] == "active"
        self.post_experiments_delete_experiment_tag(body)
        tag = {"key": body["key"], "value": body["value"]}
        self.experiments[body["experiment_id"]]["tags"].append(tag)

    def post_experiments_delete_experiment_tag(self, body):
        tags = self.experiments[body["experiment_id"]]["tags"]
        tags[:] = [tag for tag in tags if tag["key"] != body["key"]]

    def post_runs_search(self, body):
        views = {"ALL": {"active", "deleted"}, "ACTIVE_ONLY": {"active"}}[body["run_view_type"]]
        found = [run for run, stage in self.runs.items() if stage in views]
        return {"runs": [{"info": {"run_id": run}} for run in found]}

    def post_runs_delete(self, body):
        self.runs[body["run_id"]] = "deleted"

    def get_registered_models_search(self, query):
        found = self.prompts if "filter" in query else self.models
        return {"registered_models": [{"name": name} for name in found]}

    def delete_registered_models_delete(self, body):
        [kept] = [each for each in (self.models, self.prompts) if body["name"] in each]
        kept.remove(body["name"])

    def post_traces_search(self, _body):
        return {"traces": [{"trace_id": trace} for trace in self.traces]}

    def post_traces_delete_traces(self, body):
        assert body["max_timestamp_millis"] > 1_700_000_000_000
        self.traces.clear()

    def post_logged_models_search(self, _body):
        return {"models": [{"info": {"model_id": model}} for model in self.logged]}

    def post_datasets_search(self, _body):
        return {"datasets": [{"dataset_id": dataset} for dataset in self.datasets]}

    def get_webhooks(self, _query):
        return {"webhooks": [{"webhook_id": webhook} for webhook in self.webhooks]}


@pytest.fixture
def mlflow(monkeypatch):
    """Give a server that is new."""
    found = Mlflow()
    monkeypatch.setattr(tracking, "ask", found.ask)
    monkeypatch.setattr(mlflow_api, "ask", found.ask)
    monkeypatch.setattr(holder, "PATIENCE_SECONDS", 0.1)
    return found


def server(url="http://me:sekret@host:5000", worker="main"):
    address = urls.mlflow({"DAGPROOF_MLFLOW_URL": url})
    return tracking.TrackingServer(address, {}, holder.this_process(worker))


def ready():
    found = server()
    found.inspect()
    found.prepare(lambda _: None)
    return found


def test_a_new_server_is_marked_and_nothing_else(mlflow):
    ready()

    [tag] = mlflow.experiments["0"]["tags"]
    assert tag["key"] == "dagproof"
    assert "empties this server before every test" in tag["value"]
    assert mlflow.names() == ["Default"]


def test_a_reset_hides_and_deletes_all_that_a_test_left(mlflow):
    held = ready()
    mlflow.experiment("one")
    mlflow.experiment("two", stage="deleted")
    mlflow.experiment(f"{tracking._DELETED}by the test's own whim")
    mlflow.experiments["0"]["tags"].append({"key": "team", "value": "x"})
    mlflow.runs = {"r": "active"}
    mlflow.models, mlflow.prompts = ["m", "n"], ["p"]
    mlflow.traces, mlflow.logged = ["t"], ["l"]
    mlflow.datasets, mlflow.webhooks = ["d"], ["w"]
    held.reset(lambda _: None)

    assert mlflow.names() == ["Default"]
    hidden = [e["name"] for e in mlflow.experiments.values() if e["experiment_id"] != "0"]
    assert len(hidden) == 3
    assert all(re.fullmatch("dagproof-deleted-[0-9a-f]{32}", name) for name in hidden)
    assert [tag["key"] for tag in mlflow.experiments["0"]["tags"]] == ["dagproof"]
    assert mlflow.runs == {"r": "deleted"}
    assert [mlflow.models, mlflow.prompts, mlflow.traces, mlflow.logged] == [[], [], [], []]
    assert [mlflow.datasets, mlflow.webhooks] == [[], []]


def test_the_default_experiment_comes_back_under_its_name(mlflow):
    held = ready()
    mlflow.experiments["0"].update(name="mine", lifecycle_stage="deleted")
    mlflow.experiment("Default")
    held.reset(lambda _: None)

    assert mlflow.names() == ["Default"]
    assert mlflow.experiments["0"]["name"] == "Default"


def test_what_lies_before_the_last_reset_is_looked_at_once(mlflow):
    mlflow.experiment("old", stage="deleted")
    mlflow.experiment(f"{tracking._DELETED}1", stage="deleted")
    mlflow.experiments["0"]["tags"] = [
        {"key": "dagproof", "value": json.dumps({"purpose": tracking._PURPOSE, "holder": None})}
    ]
    held = ready()
    assert [e["name"] for e in mlflow.experiments.values() if e["name"] == "old"] == []
    mlflow.asked.clear()
    held.reset(lambda _: None)
    assert [path for path in mlflow.asked if path.endswith(("update", "delete"))] == []


@pytest.mark.parametrize(
    ("leave", "named"),
    [
        (lambda m: m.experiment("taxi"), "it holds experiment `taxi`"),
        (lambda m: m.experiment("x", stage="deleted"), "it holds the deleted experiment `x`"),
        (lambda m: m.runs.update(r="deleted"), "run `r` of the experiment `Default`"),
        (lambda m: m.models.append("m"), "registered model `m`"),
        (lambda m: m.prompts.append("p"), "prompt `p`"),
        (lambda m: m.traces.append("t"), "trace `t`"),
        (lambda m: m.logged.append("l"), "logged model `l`"),
        (lambda m: m.datasets.append("d"), "dataset `d`"),
        (lambda m: m.webhooks.append("w"), "webhook `w`"),
    ],
)
def test_what_somebody_left_is_theirs(mlflow, leave, named):
    leave(mlflow)
    with pytest.raises(UnavailableError) as refusal:
        server().inspect()
    assert named in str(refusal.value)
    assert "`http://host:5000`" in str(refusal.value)
    assert "sekret" not in str(refusal.value)
    assert mlflow.experiments["0"]["tags"] == []


@pytest.mark.parametrize("value", ["", "true", "{}", '{"purpose": "another"}'])
def test_a_tag_that_is_no_mark_makes_nothing_ours(mlflow, value):
    mlflow.experiment("taxi")
    mlflow.experiments["0"]["tags"] = [{"key": "dagproof", "value": value}]
    with pytest.raises(UnavailableError, match="neither empty nor marked"):
        server().inspect()


def test_a_server_that_is_too_old_for_some_things_holds_none_of_them(mlflow):
    mlflow.unknown = {TRACES, f"{DATASETS}/search", "webhooks", "logged-models/search"}
    held = ready()
    held.reset(lambda _: None)


def test_any_other_refusal_is_not_taken_for_old_age(mlflow, monkeypatch):
    def refuse(_body):
        raise ApiError(404, "RESOURCE_DOES_NOT_EXIST", "no such location")

    monkeypatch.setattr(mlflow, "post_traces_search", refuse)
    with pytest.raises(UnavailableError, match="404: no such location"):
        server().inspect()


def test_a_living_holder_is_waited_for_and_one_that_left_is_not(mlflow):
    held = ready()
    with pytest.raises(UnavailableError, match="is in use by process"):
        server().inspect()
    held.release()
    held.release()
    other = ready()
    with pytest.raises(UnavailableError, match="was taken by process"):
        held.reset(lambda _: None)
    held._held = True
    held.release()
    assert other._holder.is_same(other._who()), "only its own mark is wiped by a holder"


def test_one_that_was_never_prepared_has_nothing_to_release(mlflow):
    server().release()
    assert mlflow.asked == []


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (ConnectionRefusedError("refused"), r"\(refused\)\. Check `DAGPROOF_MLFLOW_URL`"),
        (ApiError(401, "", "who?"), r"\(401: who\?\)\. Check the user and the password"),
        (ApiError(403, "", "Invalid Host header"), "`--allowed-hosts`"),
        (ApiError(403, "PERMISSION_DENIED", "no"), "Check the user and the password"),
        (ApiError(0, "", "x"), r"\(no HTTP: x\)\. Name an MLflow server"),
        (ApiError(500, "INTERNAL_ERROR", "x"), r"\(500: x\)\. Check `DAGPROOF_MLFLOW_URL`"),
    ],
)
def test_what_goes_wrong_is_one_sentence(mlflow, monkeypatch, error, said):
    def fail(*_args):
        raise error

    monkeypatch.setattr(tracking, "ask", fail)
    with pytest.raises(UnavailableError, match=said):
        server().inspect()


def test_an_answer_without_an_experiment_is_not_mlflows(mlflow, monkeypatch):
    monkeypatch.setattr(tracking, "ask", lambda *_: {})
    with pytest.raises(UnavailableError, match="not MLflow's"):
        server().inspect()


def test_its_environment_holds_credentials_where_the_address_has_some():
    plain = server("http://host:5000").environment()
    assert plain == {"MLFLOW_TRACKING_URI": "http://host:5000", "MLFLOW_DISABLE_TELEMETRY": "true"}
    credentials = {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "sekret"}
    assert server().environment() == {**plain, **credentials}
