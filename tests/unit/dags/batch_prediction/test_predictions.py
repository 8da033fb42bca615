"""Predictions are stored whole, with their version, or not at all."""

import logging
from pathlib import Path

import pytest
from fixtures.iris_family import GOOD, NAME, WEAK, measured, stored

from batch_prediction import predictions, serving
from iris.data import FEATURES, TARGET, read_table
from mlops import storage
from mlops.failures import NothingToDoError, PermanentError
from mlops.tracking import TrackingError


def batch_of(tmp_path, table, run="r"):
    return predictions.load_batch(run, stored(table, tmp_path))


def written(batch):
    return sorted(path.name for path in Path(batch["base"].removeprefix("file://")).iterdir())


def test_a_batch_becomes_a_prediction_for_each_row_with_the_version(family, tmp_path):
    table = measured(80, seed=1)
    batch = batch_of(tmp_path, table.drop(columns=TARGET))
    told = predictions.predict(batch, serving.served("champion"))
    kept = read_table(told["predictions"])
    assert list(kept.columns) == ["row", "prediction", "model", "model_version"]
    assert kept["row"].tolist() == list(range(80))
    assert set(kept["model_version"]) == {GOOD}
    assert (kept["prediction"] == table[TARGET]).mean() > 0.9
    assert told["classes"] == kept["prediction"].astype(str).value_counts().to_dict()
    assert storage.read_json(told["manifest"])["sha256"] == told["sha256"]


def test_the_mlflow_run_says_version_and_counts(family, tmp_path):
    told = predictions.predict(batch_of(tmp_path, measured(seed=1)), serving.served("champion"))
    experiment = family.get_experiment_by_name("iris-predictions")
    [run] = family.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.params == {"model": NAME, "model_version": GOOD, "rows": "150"}
    assert run.data.metrics == {f"class_{name}": n for name, n in told["classes"].items()}


def test_the_same_batch_twice_gives_the_same_bytes(family, tmp_path):
    first, second = (
        predictions.predict(batch_of(tmp_path, measured(seed=1), run), serving.served("champion"))
        for run in ("a", "b")
    )
    assert first["sha256"] == second["sha256"]


def test_a_promotion_in_the_middle_mixes_no_versions(family, tmp_path):
    batch, model = batch_of(tmp_path, measured(seed=1)), serving.served("champion")
    family.set_registered_model_alias(NAME, "champion", WEAK)
    assert set(read_table(predictions.predict(batch, model)["predictions"])["model_version"]) == {
        GOOD
    }


def test_an_empty_batch_is_nothing_to_do(tmp_path):
    with pytest.raises(NothingToDoError, match="has no rows; there is nothing to predict"):
        batch_of(tmp_path, measured(seed=1).head(0))


def test_no_published_features_are_nothing_to_do():
    with pytest.raises(NothingToDoError, match="No features have been published yet"):
        predictions.load_batch("r", "features")


def test_a_batch_of_another_schema_writes_nothing(family, tmp_path):
    predictions.predict(batch_of(tmp_path, measured(seed=1), "june"), serving.served("champion"))
    july = measured(seed=2).rename(columns={FEATURES[0]: "sepal length (mm)"})
    batch = batch_of(tmp_path, july, "july")
    with pytest.raises(PermanentError, match=r"lacks `sepal length \(cm\)`"):
        predictions.predict(batch, serving.served("champion"))
    assert written(batch) == ["raw.parquet"]


def test_a_version_that_is_gone_writes_nothing(family, tmp_path):
    batch, model = batch_of(tmp_path, measured(seed=1)), serving.served("champion")
    family.delete_model_version(NAME, GOOD)
    with pytest.raises(PermanentError, match="cannot be loaded"):
        predictions.predict(batch, model)
    assert written(batch) == ["raw.parquet"]


def test_mlflow_out_of_reach_writes_nothing(family, tmp_path, monkeypatch):
    batch, model = batch_of(tmp_path, measured(seed=1)), serving.served("champion")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    with pytest.raises(TrackingError, match="does not answer"):
        predictions.predict(batch, model)
    assert written(batch) == ["raw.parquet"]


def test_a_deleted_experiment_is_named_and_writes_nothing(family, tmp_path):
    family.delete_experiment(family.create_experiment("iris-predictions"))
    batch = batch_of(tmp_path, measured(seed=1))
    with pytest.raises(TrackingError, match="`iris-predictions` is deleted; restore it"):
        predictions.predict(batch, serving.served("champion"))
    assert written(batch) == ["raw.parquet"]


def test_a_run_that_someone_else_ends_is_finished_with_its_counts(family, tmp_path, monkeypatch):
    predict = serving.predict

    def meddled(*arguments):
        experiment = family.get_experiment_by_name("iris-predictions")
        [run] = family.search_runs([experiment.experiment_id])
        family.set_terminated(run.info.run_id, "KILLED")
        return predict(*arguments)

    monkeypatch.setattr(serving, "predict", meddled)
    told = predictions.predict(batch_of(tmp_path, measured(seed=1)), serving.served("champion"))
    experiment = family.get_experiment_by_name("iris-predictions")
    [run] = family.search_runs([experiment.experiment_id])
    assert (run.info.status, len(run.data.metrics)) == ("FINISHED", len(told["classes"]))


def test_a_full_disk_leaves_no_half_a_file_and_no_manifest(family, tmp_path, monkeypatch):
    import pandas as pd

    batch, model = batch_of(tmp_path, measured(seed=1)), serving.served("champion")

    def half(self, path, **_):
        path.write_bytes(b"PAR1")
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(pd.DataFrame, "to_parquet", half)
    with pytest.raises(storage.StorageError, match="free space"):
        predictions.predict(batch, model)
    assert written(batch) == ["raw.parquet"]


def test_notification_says_where_the_predictions_are(caplog, monkeypatch):
    posted = []
    monkeypatch.setattr("mlops.notifier.post", posted.append)
    told = {"predictions": "file:///p", "rows": 3, "model": NAME, "model_version": "2"}
    with caplog.at_level(logging.INFO):
        assert predictions.notify({**told, "classes": {"0": 3}, "sha256": "x"}) == told
    assert "predictions=file:///p" in caplog.text
    assert posted == [{"state": "success", **told, "classes": {"0": 3}}]
