"""Two candidates are trained alike each time; only what is strictly better takes over, whole."""

import mlflow
import numpy as np
import pytest

from mlops import notifier, registry, storage
from mlops.failures import PermanentError
from mlops.tracking import TrackingError, configured
from model_selection import candidates, data, selection

NAME = selection.REGISTERED


def run(trained, valid):
    compared = selection.compare(trained, valid)
    return compared, selection.deploy(compared)


def champion_of(accuracy_like, valid):
    """Promote a model that always says one class."""
    from mlflow.models import infer_signature
    from sklearn.dummy import DummyClassifier

    rows = data.read_part(valid["train"])
    features = rows[valid["features"]]
    model = DummyClassifier(strategy="constant", constant=accuracy_like).fit(
        features, rows["target"]
    )
    with configured() as tracked, tracked.start_run():
        signature = infer_signature(features, model.predict(features))
        logged = tracked.sklearn.log_model(
            model, name="model", signature=signature, pip_requirements=[]
        )
        version = registry.register(logged.model_uri, NAME)
        registry.promote(NAME, version.version)
    return str(version.version)


def versions(server):
    return {str(one.version) for one in server.search_model_versions(f"name = '{NAME}'")}


def test_better_candidate_becomes_the_first_champion(server, valid, trained):
    compared, deployed = run(trained, valid)
    accuracies = compared["accuracies"]
    assert compared["best"]["candidate"] == max(accuracies, key=accuracies.get) == "logistic"
    assert compared["champion_accuracy"] is None
    assert deployed == {
        "model_name": NAME,
        "alias": "champion",
        "version": "1",
        "promoted": True,
    }
    version = server.get_model_version_by_alias(NAME, "champion")
    assert version.tags["candidate"] == "logistic"
    assert storage.read_json(compared["report"])["accuracies"] == accuracies
    logged = server.get_run(compared["best"]["run_id"])
    assert logged.info.status == "FINISHED"
    assert logged.data.metrics["accuracy"] == accuracies["logistic"]
    assert logged.data.params["candidate"] == "logistic"
    with configured() as tracked:
        served = tracked.pyfunc.load_model(f"models:/{NAME}@champion")
        test = data.read_part(valid["test"])
        predicted = np.asarray(served.predict(test[valid["features"]]))
    assert (predicted == test["target"]).mean() == accuracies["logistic"]


def test_the_same_data_again_promotes_nothing_and_changes_nothing(server, valid, trained):
    first, _ = run(trained, valid)
    second = data.validate(data.fetch("second", "sklearn"), "target")
    again, deployed = run([candidates.train(name, second, 42) for name in candidates.NAMES], second)
    assert again["accuracies"] == first["accuracies"]
    assert (again["to_beat"], again["better"]) == ("1", False)
    assert (deployed["version"], deployed["promoted"]) == ("1", False)
    assert versions(server) == {"1"}


def test_worse_champion_is_replaced_and_the_version_says_what_it_beat(server, valid, trained):
    old = champion_of(1, valid)
    compared, deployed = run(trained, valid)
    share = float((data.read_part(valid["test"])["target"] == 1).mean())
    assert compared["champion_accuracy"] == share
    assert (deployed["version"], deployed["promoted"]) == ("2", True)
    tags = server.get_model_version(NAME, "2").tags
    assert (tags["beaten_version"], tags["beaten_accuracy"]) == (old, repr(share))


def test_comparing_and_deploying_again_tells_the_same_and_makes_no_version(server, valid, trained):
    champion_of(1, valid)
    compared = selection.compare(trained, valid)
    deployed = selection.deploy(compared)
    assert selection.deploy(compared) == deployed
    assert selection.compare(trained, valid) == compared
    assert selection.deploy(selection.compare(trained, valid)) == deployed
    assert versions(server) == {"1", "2"}


def test_of_equals_the_simpler_is_best_in_any_order(server, valid, trained):
    one = {"accuracy": 0.9, "run_id": "r", "model_uri": "models:/m-1", "train_accuracy": 1.0}
    equals = [one | {"candidate": name} for name in candidates.NAMES]
    for order in (equals, equals[::-1]):
        assert selection.compare(order, valid)["best"]["candidate"] == "logistic"
    better = [equals[0], equals[1] | {"accuracy": 0.91}]
    assert selection.compare(better, valid)["best"]["candidate"] == "forest"


def test_candidate_as_good_as_the_champion_is_not_promoted(server, valid, trained, monkeypatch):
    champion_of(1, valid)
    best = max(one["accuracy"] for one in trained)
    monkeypatch.setattr(selection, "_champion_accuracy", lambda *_: best)
    compared = selection.compare(trained, valid)
    assert compared["better"] is False
    assert selection.deploy(compared)["promoted"] is False
    assert versions(server) == {"1"}


def test_deployment_killed_before_the_alias_is_ended_by_the_next_try(
    server, valid, trained, monkeypatch
):
    compared = selection.compare(trained, valid)
    with monkeypatch.context() as killed:
        killed.setattr(registry, "promote", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            selection.deploy(compared)
    assert registry.champion(NAME) is None
    assert selection.deploy(compared)["version"] == "1"
    assert versions(server) == {"1"}
    assert str(registry.champion(NAME).version) == "1"


def test_champion_that_changed_since_the_comparison_stays(server, valid, trained):
    compared = selection.compare(trained, valid)
    other = champion_of(0, valid)
    with pytest.raises(PermanentError, match="is now version 1, and the candidates were compared"):
        selection.deploy(compared)
    assert str(registry.champion(NAME).version) == other
    assert versions(server) == {other}


def test_champion_of_other_features_stays_and_is_named(server, valid, trained, tmp_path, tumours):
    champion_of(1, valid)
    path = tmp_path / "fewer.csv"
    tumours.drop(columns="mean area").to_csv(path, index=False)
    fewer = data.validate(data.fetch("fewer", f"file://{path}"), "target")
    with pytest.raises(PermanentError, match="they differ in `mean area`"):
        selection.compare(trained, fewer)
    assert versions(server) == {"1"}


def test_champion_that_cannot_be_loaded_stays_and_is_named(server, valid, trained, monkeypatch):
    champion_of(1, valid)

    def gone(*_, **__):
        raise OSError("no such artifact")

    monkeypatch.setattr(mlflow.pyfunc, "load_model", gone)
    with pytest.raises(TrackingError, match=r"Champion 1 .* cannot be loaded .*no such artifact"):
        selection.compare(trained, valid)


def test_other_seed_gives_another_forest(server, valid, trained):
    other = candidates.train("forest", valid, 1)
    with configured() as tracked:
        forests = [tracked.sklearn.load_model(one["model_uri"]) for one in (trained[1], other)]
    counts = [[tree.tree_.node_count for tree in forest.estimators_] for forest in forests]
    assert counts[0] != counts[1]


def test_dead_mlflow_fails_the_training_with_its_address(valid):
    with pytest.raises(TrackingError, match=r"MLflow at http://127\.0\.0\.1:9 does not answer"):
        candidates.train("forest", valid, 42)


def test_unknown_candidate_is_refused(valid):
    with pytest.raises(ValueError, match="No candidate `svm`; choose one of logistic, forest"):
        candidates.train("svm", valid, 42)


def test_notification_says_what_serves_and_why(monkeypatch, caplog):
    posted = []
    monkeypatch.setattr(notifier, "post", posted.append)
    compared = {
        "best": {"candidate": "forest"},
        "accuracies": {"logistic": 0.9, "forest": 0.95},
        "champion_accuracy": 0.97,
    }
    deployed = {"model_name": NAME, "version": "3", "alias": "champion", "promoted": False}
    with caplog.at_level("INFO", "model_selection"):
        said = selection.notify(compared, deployed)
    assert posted == [said]
    assert (said["version"], said["promoted"], said["candidate"]) == ("3", False, "forest")
    assert "promoted=False" in caplog.text
