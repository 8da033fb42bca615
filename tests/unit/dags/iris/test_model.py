"""The model is gated, deployed whole, versioned by alias, and the same each time."""

import logging

import mlflow
import numpy as np
import pytest

from iris import data, model
from mlops import registry, storage
from mlops.failures import PermanentError
from mlops.tracking import TrackingError


@pytest.fixture
def optional(tmp_path, monkeypatch):
    """An environment whose pipelines go on without MLflow."""
    folder = tmp_path / "environments"
    folder.mkdir()
    (folder / "dev.yaml").write_text("{domains: {}, data_root: data, team: t, tracking: optional}")
    monkeypatch.setenv("ENVIRONMENTS_DIR", str(folder))


def split_of(run):
    base = data.create_directories(run)
    return base, data.preprocess(base, data.validate(data.extract(base)), 0.2, 42)


def pipeline(run, trees=20, gate=0.85):
    base, split = split_of(run)
    trained = model.train(base, split, trees, 5, 42)
    evaluated = model.evaluate(base, split, trained, gate)
    return trained, evaluated, model.deploy(base, trained, evaluated)


def test_whole_pipeline_leaves_model_metrics_dataset_and_champion(server):
    trained, evaluated, deployed = pipeline("r")
    assert evaluated["accuracy"] == 1.0
    assert deployed["version"] == "1"
    run = server.get_run(trained["mlflow_run_id"])
    assert run.info.status == "FINISHED"
    assert run.data.params["n_estimators"] == "20"
    metrics = dict(run.data.metrics)
    assert metrics.pop("train_accuracy") == 1.0
    assert sorted(metrics) == [
        "importance/petal length",
        "importance/petal width",
        "importance/sepal length",
        "importance/sepal width",
    ]
    assert sum(metrics.values()) == pytest.approx(1)
    assert metrics["importance/petal width"] > metrics["importance/sepal width"]
    assert run.inputs.dataset_inputs[0].dataset.name == "iris"
    tested = server.get_run(evaluated["mlflow_run_id"])
    assert tested.data.metrics["accuracy"] == 1.0
    assert tested.data.tags["trained_by"] == trained["mlflow_run_id"]
    mlflow.set_tracking_uri(server.tracking_uri)
    try:
        loaded = mlflow.sklearn.load_model("models:/iris-classifier@champion")
        info = mlflow.models.get_model_info("models:/iris-classifier@champion")
    finally:
        mlflow.set_tracking_uri(None)
    assert [column.name for column in info.signature.inputs] == list(data.FEATURES)
    table = data.read_table(storage.uri("iris", "r", "test.parquet"))[list(data.FEATURES)]
    served = model.load(deployed["production"])
    np.testing.assert_array_equal(loaded.predict(table), served.predict(table))


def test_the_same_conf_twice_gives_the_same_metrics_and_one_champion(server):
    _, first, _ = pipeline("one")
    _, second, deployed = pipeline("two")
    assert first["accuracy"] == second["accuracy"]
    reports = [storage.read_json(outcome["report"]) for outcome in (first, second)]
    assert reports[0] == reports[1]
    assert registry.champion("iris-classifier").version == int(deployed["version"])
    versions = server.search_model_versions("name = 'iris-classifier'")
    aliases = [server.get_model_version("iris-classifier", one.version).aliases for one in versions]
    assert sorted(aliases) == [[], ["champion"]]


def test_accuracy_below_the_gate_deploys_nothing_and_keeps_the_metrics(server):
    _, _, deployed = pipeline("good")
    base, split = split_of("bad")
    trained = model.train(base, split, 1, 1, 42)
    with pytest.raises(PermanentError, match=r"^Accuracy 0\.\d{4} is below min_accuracy 0\.85,"):
        model.evaluate(base, split, trained, 0.85)
    assert storage.read_json(f"{base}/metrics.json")["accuracy"] < 0.85
    assert str(registry.champion("iris-classifier").version) == deployed["version"]
    pointer = storage.read_json(storage.uri("iris", "production", "current.json"))
    assert pointer["model"] == deployed["production"]


def test_accuracy_at_the_gate_is_good_enough(server):
    _, evaluated, _ = pipeline("r", gate=1.0)
    assert evaluated["accuracy"] == 1.0


def test_deploy_killed_before_the_alias_is_ended_by_the_next_try(server, monkeypatch):
    _, _, first = pipeline("one")
    base, split = split_of("two")
    trained = model.train(base, split, 20, 5, 42)
    evaluated = model.evaluate(base, split, trained, 0.85)
    with monkeypatch.context() as killed:
        killed.setattr(registry, "promote", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            model.deploy(base, trained, evaluated)
    assert str(registry.champion("iris-classifier").version) == first["version"]
    assert storage.exists(first["production"])
    second = model.deploy(base, trained, evaluated)
    assert second["version"] == "2"
    assert registry.champion("iris-classifier").version == 2


def test_deploy_that_cannot_write_leaves_pointer_and_alias(server, monkeypatch):
    _, _, first = pipeline("one")
    base, split = split_of("two")
    trained = model.train(base, split, 20, 5, 42)
    evaluated = model.evaluate(base, split, trained, 0.85)
    monkeypatch.setattr(model.shutil, "copyfile", lambda *_: (_ for _ in ()).throw(OSError(28, "")))
    with pytest.raises(storage.StorageError, match=r"v2/model\.skops cannot be written"):
        model.deploy(base, trained, evaluated)
    pointer = storage.read_json(storage.uri("iris", "production", "current.json"))
    assert pointer["version"] == first["version"] == "1"
    assert registry.champion("iris-classifier").version == 1


def test_dead_mlflow_fails_training_where_tracking_is_required(data_root):
    base, split = split_of("r")
    with pytest.raises(TrackingError, match="does not answer"):
        model.train(base, split, 5, 5, 42)
    assert not storage.exists(f"{base}/model.skops")


def test_dead_mlflow_costs_a_warning_where_tracking_is_optional(optional, caplog):
    with caplog.at_level(logging.WARNING, "mlops"):
        trained, evaluated, deployed = pipeline("r")
    assert "goes on without tracking" in caplog.text
    assert deployed["version"] is None
    assert storage.exists(deployed["production"])
    assert model.notify(trained, evaluated, deployed)["accuracy"] == 1.0


@pytest.mark.parametrize("request_", ["log_inputs", "log_model_artifacts", "create_model_version"])
def test_mlflow_that_goes_away_halfway_costs_a_warning_where_tracking_is_optional(
    server, optional, monkeypatch, caplog, request_
):
    def gone(*_, **__):
        raise mlflow.MlflowException("gone")

    monkeypatch.setattr(mlflow.MlflowClient, request_, gone)
    trained, evaluated, deployed = pipeline("r")
    assert "goes on without tracking" in caplog.text
    assert deployed["version"] is None
    assert model.load(deployed["production"]).n_classes_ == 3
    assert evaluated["accuracy"] == 1.0
    assert {run.info.status for run in server.search_runs(["1"])} == {"FINISHED"}
    assert trained["mlflow_run_id"]


def test_alias_that_cannot_be_moved_costs_a_warning_where_tracking_is_optional(
    server, optional, monkeypatch, caplog
):
    def gone(*_, **__):
        raise mlflow.MlflowException("gone")

    monkeypatch.setattr(mlflow.MlflowClient, "set_registered_model_alias", gone)
    _, _, deployed = pipeline("r")
    assert "goes on without tracking" in caplog.text
    assert deployed["version"] == "1"
    assert registry.champion("iris-classifier") is None


def test_gate_holds_though_mlflow_goes_away_where_tracking_is_optional(
    server, optional, monkeypatch
):
    base, split = split_of("r")
    trained = model.train(base, split, 1, 1, 42)

    def gone(*_, **__):
        raise mlflow.MlflowException("gone")

    monkeypatch.setattr(mlflow.MlflowClient, "log_inputs", gone)
    with pytest.raises(PermanentError, match="below min_accuracy"):
        model.evaluate(base, split, trained, 0.85)


def test_the_same_training_writes_the_same_file(server):
    files = []
    for _ in range(2):
        trained, _, _ = pipeline("r")
        with storage.local_copy(trained["model"]) as path:
            files.append(path.read_bytes())
    assert files[0] == files[1]


def test_damaged_or_foreign_model_is_refused(data_root):
    from sklearn.linear_model import LogisticRegression
    from skops import io

    class Trap(LogisticRegression):
        pass

    address = storage.uri("x.skops")
    with storage.publish(address) as path:
        path.write_text("no zip")
    with pytest.raises(PermanentError, match="is no trustworthy model"):
        model.load(address)
    with storage.publish(address) as path:
        io.dump(Trap(), path)
    with pytest.raises(PermanentError, match=r"is no trustworthy model \(.*Trap"):
        model.load(address)


def test_summary_says_what_was_deployed(optional, caplog):
    with caplog.at_level(logging.INFO, "iris"):
        summary = model.notify(
            {"train_accuracy": 1.0, "mlflow_run_id": "x"},
            {"accuracy": 0.9},
            {"version": "3", "production": "file:///p"},
        )
    assert summary["version"] == "3"
    assert "model=iris-classifier version=3 accuracy=0.9" in caplog.text
