"""One month teaches, the next one judges, and the same trips make one version."""

import hashlib

import mlflow
import numpy as np
import pytest
from fixtures.tlc import write_month

from duration_prediction import model
from mlops.failures import PermanentError
from mlops.tracking import TrackingError, configured
from taxi import trained as models
from taxi.boosted import fit_boosted
from taxi.features import build_month_features
from taxi.scoring import design, score
from taxi.train import read_cells

NAME = "nyc-taxi-duration-green"


@pytest.fixture(scope="module", autouse=True)
def place(tmp_path_factory):
    """An MLflow in one file, and a DATA_ROOT, for all tests of this file."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)  # where MLflow puts artifacts of a database in a file
        patched.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        patched.setenv("DATA_ROOT", f"file://{folder}/data")
        yield folder


@pytest.fixture(scope="module")
def months(place):
    """January and February, reduced."""
    return [features(place, month) for month in (1, 2)]


def features(folder, month, seed=0):
    path = write_month(folder / f"{month}-{seed}.parquet", "green", 2023, month, 5_000, seed)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    known = {"colour": "green", "year": 2023, "month": month, "uri": f"file://{path}"}
    return build_month_features(known | {"source": f"file://{path}", "sha256": digest})


@pytest.fixture(scope="module")
def trained(months):
    return model.train(months)


def register(trained):
    alias = f"trained-{trained['trained_on']}"
    return models.register(trained, NAME, alias, ["trained_on", "rmse"])


def test_first_month_teaches_and_all_trips_of_the_second_judge(months, trained):
    january, february = (read_cells([month]) for month in months)
    by_hand = fit_boosted(january)
    assert trained["rmse"] == score(by_hand, february)
    assert trained["training_rmse"] == score(by_hand, january)
    assert trained["trips"] == months[0]["kept"]
    assert trained["validation_trips"] == months[1]["kept"]
    assert (trained["trained_on"], trained["validated_on"]) == ("2023-01", "2023-02")
    with configured() as tracked:
        logged = tracked.sklearn.load_model(trained["model_uri"])
    assert np.array_equal(logged.predict(design(february)), by_hand.predict(design(february)))


def test_run_tells_experiment_params_metrics_and_both_datasets(trained):
    with configured() as tracked:
        run = tracked.get_run(trained["run_id"])
        experiment = tracked.get_experiment(run.info.experiment_id)
    assert experiment.name == "nyc-taxi-experiment"
    assert run.info.status == "FINISHED"
    assert run.data.params["trained_on"] == "2023-01"
    assert run.data.params["max_iter"] == "300"
    assert run.data.metrics == {
        name: trained[name] for name in ("rmse", "training_rmse", "trips", "validation_trips")
    }
    inputs = {one.dataset.name: one.tags[0].value for one in run.inputs.dataset_inputs}
    assert inputs == {"green-2023-01": "training", "green-2023-02": "validation"}


def test_same_trips_make_one_version_whoever_trained_and_other_trips_another(
    place, months, trained
):
    first = register(trained)
    assert (first["version"], first["registered"], first["run_id"]) == (
        "1",
        True,
        trained["run_id"],
    )
    assert register(trained) == first, "an earlier try of the same task"
    again = model.train(months)
    assert again["run_id"] != trained["run_id"]
    assert again["digest"] == trained["digest"]
    second = register(again)
    assert (second["version"], second["registered"]) == ("1", False)
    assert second["run_id"] == trained["run_id"]
    other = model.train([features(place, 1, seed=1), months[1]])
    assert other["digest"] != trained["digest"]
    assert register(other)["version"] == "2"
    with configured() as tracked:
        client = tracked.MlflowClient()
        assert client.get_model_version_by_alias(NAME, "trained-2023-01").version == 2
        assert client.get_model_version(NAME, "1").tags["rmse"] == f"{trained['rmse']}"


@pytest.mark.parametrize("count", [0, 1, 3])
def test_other_than_two_months_are_refused(months, count):
    with pytest.raises(PermanentError, match=f"Two months are needed, .* and {count} came"):
        model.train((months * 2)[:count])


def test_dead_mlflow_fails_the_training_with_its_address(months, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(TrackingError, match=r"MLflow at http://127\.0\.0\.1:9 does not answer"):
        model.train(months)


def test_deleted_experiment_is_named(months, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/mlflow.db")
    client = mlflow.MlflowClient(f"sqlite:///{tmp_path}/mlflow.db")
    client.delete_experiment(client.create_experiment(models.EXPERIMENT))
    with pytest.raises(TrackingError, match="experiment `nyc-taxi-experiment` is deleted"):
        model.train(months)
