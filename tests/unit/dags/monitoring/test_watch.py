"""Which rows are compared, what is kept of it, and which retraining it asks for."""

import json
import logging

import pytest
from fixtures.iris_family import GOOD, NAME, WEAK, measured, stored

from iris.data import FEATURES, TARGET, read_table
from mlops import storage
from mlops.failures import NothingToDoError, PermanentError
from mlops.tracking import TrackingError
from monitoring import watch


def collected(tmp_path, table, reference="champion", run="r", min_rows=50):
    return watch.collect(run, reference, stored(table, tmp_path), min_rows)


def test_rows_are_compared_with_those_that_the_champion_learned_from(family, tmp_path):
    told = collected(tmp_path, measured(seed=1))
    assert told["version"] == GOOD
    assert len(read_table(told["reference"])) == 120, "the training rows, not all 150"
    assert len(read_table(told["current"])) == 150
    assert told["labelled"]


def test_the_same_rows_have_the_same_digest_and_others_another(family, tmp_path):
    digests = [
        collected(tmp_path, measured(seed=seed), run=run)["digest"]
        for run, seed in (("a", 1), ("b", 1), ("c", 2))
    ]
    assert digests[0] == digests[1] != digests[2]


def test_no_champion_yet_is_nothing_to_do(server, tmp_path):
    with pytest.raises(NothingToDoError, match="carries the alias `champion` yet"):
        collected(tmp_path, measured())


def test_no_features_published_yet_is_nothing_to_do(family):
    with pytest.raises(NothingToDoError, match="run `etl_feature_engineering`"):
        watch.collect("r", "champion", "features", 50)


@pytest.mark.parametrize("rows", [0, 49])
def test_too_few_rows_are_nothing_to_do(family, tmp_path, rows):
    with pytest.raises(NothingToDoError, match=rf"has {rows} rows, of which nothing can be said"):
        collected(tmp_path, measured(60, seed=1).head(rows))


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda table: table.drop(columns=FEATURES[1]), "lacks the column `sepal width"),
        (lambda table: table.rename(columns={FEATURES[0]: "length"}), "lacks the column `sepal le"),
        (lambda table: table.astype({FEATURES[2]: str}), "holds no numbers in `petal length"),
        (lambda table: table.mask(table == table.iloc[3, 3]), "has missing or infinite values"),
        (lambda table: table.replace(table.iloc[3, 3], float("inf")), "has missing or infinite"),
        (lambda table: table.replace(table.iloc[3, 3], 1e39), "has missing or infinite"),
    ],
)
def test_a_schema_change_is_refused_and_names_the_column(family, tmp_path, change, problem):
    with pytest.raises(PermanentError, match=problem):
        collected(tmp_path, change(measured(seed=1)))


def test_registry_out_of_reach_is_one_sentence(tmp_path):
    with pytest.raises(TrackingError, match=r"^MLflow at http://127.0.0.1:9 does not answer"):
        collected(tmp_path, measured())


def test_champion_of_a_deleted_version_is_no_champion(family, tmp_path):
    family.delete_model_version(NAME, GOOD)
    with pytest.raises(NothingToDoError, match="champion"):
        collected(tmp_path, measured())


def test_champion_that_no_run_explains_asks_for_a_reference(family, tmp_path, monkeypatch):
    empty = family.create_run(family.create_experiment("elsewhere"))
    monkeypatch.setattr(watch, "_trained_by", lambda *_: empty.info.run_id)
    with pytest.raises(PermanentError, match="does not know which rows version 2 of `iris-cl"):
        collected(tmp_path, measured())
    monkeypatch.setattr(watch, "_trained_by", lambda *_: "0" * 32)
    with pytest.raises(PermanentError, match="name them as `reference`"):
        collected(tmp_path, measured())
    address = stored(measured(seed=3), tmp_path, "reference.parquet")
    assert collected(tmp_path, measured(), reference=address)["version"] == GOOD


def test_champion_that_was_registered_by_hand_asks_for_a_reference(family, tmp_path):
    by_hand = family.create_model_version(NAME, "file:///elsewhere/model")
    family.set_registered_model_alias(NAME, "champion", by_hand.version)
    with pytest.raises(PermanentError, match="does not know which rows version 3 of `iris-cl"):
        collected(tmp_path, measured())


def test_the_report_and_an_mlflow_run_hold_the_numbers(family, tmp_path):
    told = watch.report(collected(tmp_path, measured(seed=1, shift=2)), 0.001, 0.2, 0.5)
    assert (told["retrain"], told["share"], told["version"]) == (True, 1.0, GOOD)
    kept = storage.read_json(told["report"])
    assert set(kept["features"]) == set(FEATURES)
    experiment = family.get_experiment_by_name("iris-monitoring")
    [run] = family.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.tags["retrain"] == "true"
    assert run.data.metrics["share_drifted"] == 1.0
    assert run.data.metrics["effect/petal width"] == kept["features"][FEATURES[3]]["effect"]


def test_a_deleted_experiment_is_named_and_no_report_is_written(family, tmp_path):
    found = collected(tmp_path, measured(seed=1))
    family.delete_experiment(family.create_experiment("iris-monitoring"))
    with pytest.raises(TrackingError, match="experiment `iris-monitoring` is deleted; restore it"):
        watch.report(found, 0.001, 0.2, 0.5)
    assert not storage.exists(f"{found['base']}/report.json")


def test_a_run_that_someone_else_ends_keeps_its_numbers(family, tmp_path, monkeypatch):
    found = collected(tmp_path, measured(seed=1))
    measure = watch.drift.measure

    def meddled(*tables, **thresholds):
        experiment = family.get_experiment_by_name("iris-monitoring")
        [run] = family.search_runs([experiment.experiment_id])
        family.set_terminated(run.info.run_id, "KILLED")
        return measure(*tables, **thresholds)

    monkeypatch.setattr(watch.drift, "measure", meddled)
    watch.report(found, 0.001, 0.2, 0.5)
    experiment = family.get_experiment_by_name("iris-monitoring")
    [run] = family.search_runs([experiment.experiment_id])
    assert (run.info.status, run.data.metrics["share_drifted"]) == ("FINISHED", 0)


def test_monitors_that_see_the_same_ask_for_the_same_run(family, tmp_path):
    first, second, other = (
        watch.plan(collected(tmp_path, measured(seed=seed), run=run), "current")
        for run, seed in (("a", 1), ("b", 1), ("c", 2))
    )
    assert first["run_id"] == second["run_id"] != other["run_id"]
    assert first["run_id"].startswith(f"drift__v{GOOD}__")
    family.set_registered_model_alias(NAME, "champion", WEAK)
    after = watch.plan(collected(tmp_path, measured(seed=1), run="d"), "current")
    assert after["run_id"] != first["run_id"], "another champion, another retraining"


def test_the_retraining_learns_from_the_rows_that_have_drifted(family, tmp_path):
    from iris import data

    found = collected(tmp_path, measured(seed=1))
    source = watch.plan(found, "current")["conf"]["source"]
    assert source == found["current"]
    assert data.validate(source) == source, "the training takes them"


def test_rows_without_classes_cannot_be_learned_from_and_the_way_out_is_named(family, tmp_path):
    found = collected(tmp_path, measured(seed=1).drop(columns=TARGET))
    with pytest.raises(PermanentError, match="no column `target` to learn from; name labelled"):
        watch.plan(found, "current")
    assert watch.plan(found, "sklearn")["conf"] == {"source": "sklearn"}


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda table: table.head(60), "has 60 rows where at least 100 are needed"),
        (lambda table: table.assign(target=None), "holds no numbers in `target`"),
        (
            lambda table: table.assign(target=table["target"].where(table.index > 0)),
            "has 1 missing",
        ),
        (lambda table: table.assign(target=1), "one class only in `target`"),
    ],
)
def test_no_retraining_is_asked_for_that_could_not_learn(family, tmp_path, change, problem):
    found = collected(tmp_path, change(measured(seed=1, shift=1.0)))
    with pytest.raises(PermanentError, match=problem):
        watch.plan(found, "current")


def test_notification_says_what_was_measured(caplog, monkeypatch):
    posted = []
    monkeypatch.setattr("mlops.notifier.post", posted.append)
    told = {"retrain": True, "drifted": ["a"], "share": 0.5, "version": "2", "report": "file:///r"}
    with caplog.at_level(logging.INFO):
        assert watch.notify(told) == told
    assert "retrain=True" in caplog.text
    assert posted == [{"state": "success", **told}]
    assert json.dumps(posted)
