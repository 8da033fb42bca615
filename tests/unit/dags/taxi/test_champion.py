"""What is trained can be used by others, and the champion changes only for the better."""

import hashlib

import mlflow
import numpy as np
import polars as pl
import pytest
from fixtures.tlc import write_month
from sklearn.dummy import DummyRegressor

from mlops import registry, storage
from mlops.tracking import TrackingError, configured
from taxi.features import build_month_features
from taxi.register import register_best
from taxi.scoring import design, score
from taxi.train import CANDIDATES, model_name, read_cells, train_candidate


@pytest.fixture(scope="module", autouse=True)
def _place(tmp_path_factory):
    """An MLflow in one file, and a DATA_ROOT, for all tests of this file."""
    folder = tmp_path_factory.mktemp("place")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)  # where MLflow puts artifacts of a database in a file
        patched.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{folder}/mlflow.db")
        patched.setenv("DATA_ROOT", f"file://{folder}/data")
        yield


def _features(folder, colour, month, rows=6_000):
    path = write_month(folder / f"{month}.parquet", colour, 2023, month, rows=rows)
    known = {"colour": colour, "year": 2023, "month": month, "uri": f"file://{path}"}
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return build_month_features(known | {"source": f"file://{path}", "sha256": digest})


def _run(months):
    trained = [train_candidate(candidate, months) for candidate in CANDIDATES]
    return trained, register_best(trained, months)


@pytest.fixture(scope="module")
def first(tmp_path_factory, _place):
    months = [_features(tmp_path_factory.mktemp("months"), "green", 1)]
    return months, *_run(months)


def _versions(name):
    with configured() as mlflow:
        return {
            str(v.version) for v in mlflow.MlflowClient().search_model_versions(f"name = '{name}'")
        }


def _foreign_champion(colour, minutes):
    """Promote a model from elsewhere, which always predicts the same."""
    rows = np.zeros((2, 3))
    with configured() as mlflow, mlflow.start_run():
        model = DummyRegressor(strategy="constant", constant=minutes).fit(rows, [0.0, minutes])
        logged = mlflow.sklearn.log_model(model, name="model", pip_requirements=[])
    version = registry.register(logged.model_uri, model_name(colour))
    registry.promote(model_name(colour), version.version)
    return version


def test_the_first_champion_is_the_better_candidate(first):
    _, trained, said = first
    best = min(trained, key=lambda one: one["validation_rmse"])
    assert (said["promoted"], said["champion_rmse"]) == (True, None)
    assert (said["run_id"], said["candidate"]) == (best["run_id"], best["candidate"])
    assert str(registry.champion("taxi-duration-green").version) == said["version"]
    assert storage.read_json(said["run_file"]) == said


@pytest.mark.parametrize("at", [0, 1], ids=CANDIDATES)
def test_a_run_holds_parameters_metrics_signature_example_and_dataset(first, at):
    months, trained, _ = first
    with configured() as mlflow:
        run = mlflow.get_run(trained[at]["run_id"])
        info = mlflow.models.get_model_info(trained[at]["model_uri"])
    assert run.info.status == "FINISHED"
    assert run.data.params["months"] == "2023-01"
    assert run.data.metrics["validation_rmse"] == trained[at]["validation_rmse"]
    assert info.signature.inputs.input_names() == ["PULocationID", "DOLocationID", "hour"]
    assert info.saved_input_example_info is not None
    (dataset,) = run.inputs.dataset_inputs
    assert dataset.dataset.digest == months[0]["sha256"][:32]
    assert months[0]["source"] in dataset.dataset.source


@pytest.mark.parametrize("at", [0, 1], ids=CANDIDATES)
def test_a_logged_model_loads_anywhere_and_predicts_what_was_measured(first, at):
    months, trained, _ = first
    cells = read_cells(months)
    with configured() as mlflow:
        loaded = mlflow.pyfunc.load_model(trained[at]["model_uri"])
        as_sklearn = mlflow.sklearn.load_model(trained[at]["model_uri"])
    assert score(loaded, cells) == pytest.approx(trained[at]["training_rmse"], abs=1e-9)
    assert np.array_equal(loaded.predict(design(cells)), as_sklearn.predict(design(cells)))


def test_the_same_months_twice_give_the_same_metrics_and_no_second_version(first):
    months, trained, said = first
    before = _versions("taxi-duration-green")
    again, said_again = _run(months)
    own = {"run_id", "model_uri", "without_holdout_uri"}
    for one, other in zip(trained, again, strict=True):
        assert {k: v for k, v in one.items() if k not in own} == {
            k: v for k, v in other.items() if k not in own
        }
    assert (said_again["promoted"], said_again["version"]) == (False, said["version"])
    assert said_again["champion_rmse"] == said_again["validation_rmse"]
    assert said_again["run_id"] == said["run_id"] != said_again["best_run_id"]
    assert _versions("taxi-duration-green") == before


def test_a_second_try_of_the_registration_says_what_the_first_did(tmp_path):
    months = [_features(tmp_path, "yellow", 1, rows=2_000)]
    trained = [train_candidate("linear", months)]
    assert register_best(trained, months) == register_best(trained, months)
    assert _versions("taxi-duration-yellow") == {"1"}


def test_a_second_try_of_a_registration_that_beat_a_champion_says_so_too(tmp_path):
    months = [_features(tmp_path, "yellow", 2, rows=2_000)]
    registry.promote("taxi-duration-yellow", _foreign_champion("yellow", 600.0).version)
    trained = [train_candidate("linear", months)]
    first = register_best(trained, months)
    assert first["champion_rmse"] > first["validation_rmse"]
    assert register_best(trained, months) == first


def test_more_months_make_a_better_champion_although_it_shares_trips_with_the_last(tmp_path):
    """The champion must not profit from having learned trips that are held out now."""
    months = [_features(tmp_path, "yellow", month, rows=20_000) for month in (5, 6, 7)]
    registry.promote("taxi-duration-yellow", _foreign_champion("yellow", 500.0).version)
    small = [train_candidate("boosted", months[:1])]
    assert register_best(small, months[:1])["promoted"]
    large = [train_candidate("boosted", months)]
    assert register_best(large, months)["promoted"]


def test_a_champion_from_elsewhere_is_measured_and_beaten(first):
    months, trained, _ = first
    foreign = _foreign_champion("green", 20.0)
    held_out = read_cells(months).filter("holdout")
    said = register_best(trained, months)
    assert said["promoted"]
    assert said["version"] != str(foreign.version)
    expected = score(DummyRegressor(strategy="constant", constant=20.0).fit([[0]], [0]), held_out)
    assert said["champion_rmse"] == pytest.approx(expected)


def test_a_better_champion_stays(first):
    months, trained, _ = first
    champion = registry.champion("taxi-duration-green")
    worse = [one | {"validation_rmse": 99.0, "model_uri": "models:/m-x"} for one in trained]
    said = register_best(worse, months)
    assert (said["promoted"], said["version"]) == (False, str(champion.version))
    assert registry.champion("taxi-duration-green").version == champion.version


def test_a_champion_that_cannot_be_loaded_stays_and_is_named(first, monkeypatch):
    months, trained, _ = first
    champion = registry.champion("taxi-duration-green")

    def gone(address):
        raise OSError("the artifact is gone")

    monkeypatch.setattr(mlflow.pyfunc, "load_model", gone)
    better = [one | {"validation_rmse": 0.0, "model_uri": "models:/m-x"} for one in trained]
    with pytest.raises(
        TrackingError, match=r"cannot be scored .*\(the artifact is gone\); mend it"
    ):
        register_best(better, months)
    assert registry.champion("taxi-duration-green").version == champion.version


def test_unknown_candidates_and_no_months_are_refused(first):
    months, _, _ = first
    with pytest.raises(ValueError, match="No candidate `cubic`; choose one of linear, boosted"):
        train_candidate("cubic", months)
    with pytest.raises(ValueError, match="No month to learn from"):
        train_candidate("linear", [])


def test_cells_of_several_months_are_added(tmp_path):
    months = [_features(tmp_path, "green", month, rows=500) for month in (3, 4)]
    cells = read_cells(months)
    assert cells["trips"].sum() == sum(month["kept"] for month in months)
    assert cells.select(pl.struct("PULocationID", "DOLocationID", "hour", "holdout").is_unique())[
        :, 0
    ].all()
