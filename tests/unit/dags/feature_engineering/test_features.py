"""Features are cleaned, derived and published whole, or the earlier ones stay."""

import hashlib
import logging
from pathlib import Path

import pytest
from fixtures.iris_family import measured, stored

from feature_engineering import features, published
from iris import data
from iris.data import BUNDLED, FEATURES, TARGET, read_table
from mlops import storage
from mlops.failures import NothingToDoError, PermanentError


def cleaned(tmp_path, table, max_invalid=0.05):
    base = features.claim("r")
    return base, features.clean(base, stored(table, tmp_path), max_invalid)


def etl(source=BUNDLED, run="r"):
    base = features.claim(run)
    clean = features.clean(base, data.extract(base, source), 0.05)
    return features.publish(features.build(base, clean), clean)


def test_the_bundled_table_is_published_with_areas_and_ratios():
    told = etl()
    table = read_table(told["features"])
    assert list(table.columns) == [*FEATURES, TARGET, *features.DERIVED] == told["columns"]
    assert len(table) == told["rows"] == 149, "one flower is there twice"
    assert told["quality"] == {"rows": 150, "invalid": 0, "duplicates": 1}
    first = table.iloc[0]
    assert first["sepal area (cm2)"] == pytest.approx(5.1 * 3.5)
    assert first["petal area (cm2)"] == pytest.approx(1.4 * 0.2)
    assert first["sepal length to width"] == pytest.approx(5.1 / 3.5)
    assert first["petal length to width"] == pytest.approx(1.4 / 0.2)
    assert published.newest() == told


def test_the_training_takes_what_is_published():
    told = etl()
    base = data.create_directories("training")
    split = data.preprocess(base, data.validate(data.extract(base, told["features"])), 0.2, 42)
    assert len(read_table(split["train"])) + len(read_table(split["test"])) == 149


def test_the_digest_is_that_of_the_file():
    told = etl()
    content = Path(told["features"].removeprefix("file://")).read_bytes()
    assert told["sha256"] == hashlib.sha256(content).hexdigest()


def test_the_same_rows_twice_are_the_same_file():
    first, second = etl(run="a"), etl(run="b")
    assert first == second
    folder = Path(published.pointer().removeprefix("file://")).parent
    assert {path.name for path in folder.iterdir()} == {"current.json", first["sha256"][:16]}


def test_who_reads_the_earlier_features_goes_on(tmp_path):
    first = etl()
    second = etl(stored(measured(seed=1), tmp_path))
    assert published.newest() == second
    assert second["features"] != first["features"]
    assert len(read_table(first["features"])) == 149


def test_rows_that_are_no_measurement_are_left_out_and_counted(tmp_path):
    table = measured(200, seed=1)
    table.loc[0, FEATURES[0]] = None
    table.loc[1, FEATURES[1]] = float("inf")
    table.loc[2, FEATURES[2]] = -1.0
    table.loc[3, FEATURES[3]] = 0.0
    table.loc[4] = table.loc[5]
    _, told = cleaned(tmp_path, table)
    assert {name: told[name] for name in ("rows", "invalid", "duplicates", "kept")} == {
        "rows": 200,
        "invalid": 4,
        "duplicates": 1,
        "kept": 195,
    }
    assert not read_table(told["table"]).isna().any(axis=None)


def test_as_many_unusable_rows_as_allowed_are_allowed_and_one_more_is_not(tmp_path):
    table = measured(200, seed=1)
    table.loc[:9, FEATURES[0]] = None
    assert cleaned(tmp_path, table, 0.05)[1]["invalid"] == 10
    table.loc[10, FEATURES[0]] = None
    with pytest.raises(PermanentError, match=r"has 11 of 200 rows without .* max_invalid 0.05"):
        cleaned(tmp_path, table, 0.05)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda table: table.drop(columns=FEATURES[0]), "lacks `sepal length"),
        (lambda table: table.drop(columns=TARGET), "lacks `target`"),
        (lambda table: table.rename(columns={FEATURES[1]: "Sepal.Width"}), "lacks `sepal width"),
        (lambda table: table.astype({FEATURES[3]: str}), "holds no numbers in `petal width"),
        (lambda table: table.head(0), "has 0 usable rows where 100 are needed"),
        (lambda table: table.head(99), "has 99 usable rows where 100 are needed"),
    ],
)
def test_a_table_that_is_empty_or_of_another_schema_leaves_the_earlier_features(
    tmp_path, change, problem
):
    before = etl()
    with pytest.raises(PermanentError, match=rf"{problem}.*; repair the source and run again"):
        etl(stored(change(measured(seed=1)), tmp_path), run="later")
    assert published.newest() == before


def test_a_column_that_is_new_is_said_and_left_out(tmp_path, caplog):
    _, told = cleaned(tmp_path, measured(seed=1).assign(colour="blue"))
    assert "columns that no feature needs: `colour`" in caplog.text
    assert "colour" not in read_table(told["table"]).columns


def test_killed_before_the_pointer_the_earlier_features_are_the_newest(tmp_path, monkeypatch):
    before = etl()

    def killed(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(storage, "write_json", killed)
    base = storage.uri("iris", "etl", "r")
    clean = features.clean(base, stored(measured(seed=1), tmp_path), 0.05)
    with pytest.raises(KeyboardInterrupt):
        features.publish(features.build(base, clean), clean)
    monkeypatch.undo()
    monkeypatch.setenv("DATA_ROOT", f"file://{tmp_path}/data")
    assert published.newest() == before


@pytest.mark.parametrize("source", ["sklearn", "file:///rows.csv", "s3://bucket/rows.parquet"])
def test_a_source_that_is_named_is_itself(source):
    assert published.resolved(source) == source


def test_features_means_what_was_published_last():
    with pytest.raises(NothingToDoError, match="No features have been published yet; run `etl_"):
        published.resolved("features")
    assert published.resolved("features" if etl() else "") == published.newest()["features"]


@pytest.mark.parametrize("content", [[], {"features": 3}, {}])
def test_a_damaged_pointer_is_refused(content):
    storage.write_json(published.pointer(), content)
    with pytest.raises(PermanentError, match=r"current.json names no features; run `etl_feature"):
        published.resolved("features")


def test_notification_says_what_was_published(caplog, monkeypatch):
    posted = []
    monkeypatch.setattr("mlops.notifier.post", posted.append)
    told = etl()
    with caplog.at_level(logging.INFO):
        summary = features.notify(told)
    assert summary == {
        "features": told["features"],
        "rows": 149,
        "invalid": 0,
        "duplicates": 1,
    }
    assert f"features={told['features']}" in caplog.text
    assert posted == [{"state": "success", **summary}]
