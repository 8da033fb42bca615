"""A served version is the one that the alias means, and predicts only what fits it."""

import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from fixtures.iris_family import GOOD, NAME, WEAK, measured
from mlflow import MlflowException

from batch_prediction import serving
from iris.data import FEATURES, TARGET
from mlops.failures import NothingToDoError, PermanentError, skips
from mlops.tracking import TrackingError

ROWS = "file:///rows.parquet"


def test_an_alias_means_the_version_that_carries_it(family):
    assert serving.served("champion")["version"] == GOOD
    family.set_registered_model_alias(NAME, "champion", WEAK)
    assert serving.served("champion")["version"] == WEAK


def test_a_number_means_itself(family):
    assert serving.served(WEAK)["version"] == WEAK
    with pytest.raises(PermanentError, match="`iris-classifier` has no version 9; name one"):
        serving.served("9")


@pytest.mark.parametrize("store", ["server", "family"])
def test_an_alias_that_nobody_carries_is_nothing_to_do(request, store):
    request.getfixturevalue(store)
    with pytest.raises(NothingToDoError, match="carries the alias `staging` yet; run"):
        serving.served("staging")


@pytest.mark.parametrize("reference", ["champion", "1"])
def test_registry_out_of_reach_is_one_sentence(reference):
    with pytest.raises(TrackingError, match=r"^MLflow at http://127.0.0.1:9 does not answer"):
        serving.served(reference)


def test_predictions_are_those_of_the_version_and_leave_other_columns_out(family):
    table = measured(seed=1)
    good, weak = (serving.predict(serving.served(one), table, ROWS) for one in (GOOD, WEAK))
    assert (good == table[TARGET]).mean() > 0.9
    assert not np.array_equal(good, weak)
    turned = table[list(reversed(table.columns))].assign(colour="blue")
    assert np.array_equal(serving.predict(serving.served(GOOD), turned, ROWS), good)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda table: table.drop(columns=list(FEATURES[:2])), "lacks `sepal length .* `sepal wid"),
        (lambda table: table.rename(columns={FEATURES[3]: "width"}), r"lacks `petal width \(cm\)`"),
        (lambda table: table.astype({FEATURES[0]: str}), "holds no numbers in `sepal length"),
        (lambda table: table.mask(table == table.iloc[0, 1]), "has missing or infinite values in"),
        (lambda table: table.replace(table.iloc[0, 1], -1e39), "has missing or infinite values in"),
    ],
)
def test_a_table_that_does_not_fit_is_refused_and_names_columns_and_version(
    family, change, problem
):
    with pytest.raises(PermanentError, match=rf"^{ROWS} {problem}.*version 2 of `iris-classifier`"):
        serving.predict(serving.served(GOOD), change(measured(seed=1)), ROWS)


def test_whole_numbers_fit_where_the_model_learned_from_fractions(family):
    table = measured(seed=1)[list(FEATURES)].round().astype(int)
    assert len(serving.predict(serving.served(GOOD), table, ROWS)) == 150


def test_a_version_that_is_deleted_meanwhile_is_refused(family):
    model = serving.served("champion")
    family.delete_model_version(NAME, GOOD)
    with pytest.raises(PermanentError, match=r"^Version 2 of `iris-classifier` cannot be loaded"):
        serving.predict(model, measured(seed=1), ROWS)
    with pytest.raises(NothingToDoError):
        serving.served("champion")


def test_a_version_whose_files_are_gone_is_refused(family):
    model = serving.served("champion")
    logged = family.get_logged_model(model["tags"]["mlops.model_uri"].removeprefix("models:/"))
    folder = Path(logged.artifact_location.removeprefix("file://"))
    kept = folder.with_name("kept")
    shutil.move(folder, kept)
    try:
        with pytest.raises(PermanentError, match=r"cannot be loaded .*; move the alias"):
            serving.predict(model, measured(seed=1), ROWS)
    finally:
        shutil.move(kept, folder)  # the store of the other tests


def test_an_experiment_that_is_deleted_takes_no_model_with_it(family):
    model = serving.served("champion")
    family.delete_experiment(family.get_experiment_by_name("iris").experiment_id)
    assert len(serving.predict(model, measured(seed=1), ROWS)) == 150


def test_a_store_of_artifacts_that_does_not_answer_is_tried_again(family, monkeypatch):
    import mlflow

    def away(_):
        raise ConnectionResetError("the store hung up")

    model = serving.served("champion")
    monkeypatch.setattr(mlflow.pyfunc, "load_model", away)
    with pytest.raises(TrackingError, match=r"cannot be read \(the store hung up\); check that"):
        serving.predict(model, measured(seed=1), ROWS)


def test_an_answer_that_is_lost_is_tried_again(family, monkeypatch):
    import mlflow

    def lost(_):
        raise mlflow.MlflowException("API request failed")  # INTERNAL_ERROR

    model = serving.served("champion")
    monkeypatch.setattr(mlflow.pyfunc, "load_model", lost)
    with pytest.raises(TrackingError, match="does not answer"):
        serving.predict(model, measured(seed=1), ROWS)


def test_nothing_to_do_skips_the_task_in_one_sentence():
    @skips
    def step(value):
        if not value:
            raise NothingToDoError("There is nothing.")
        return value

    assert step(3) == 3
    with pytest.raises(Exception, match=r"^There is nothing\.$") as skipped:
        step(0)
    assert type(skipped.value).__name__ == "AirflowSkipException"


@pytest.mark.parametrize(
    "alias", ["champion", "latest", "Latest", "latest-model", "v1", "V12", "v1b", "v"]
)
def test_aliases_that_mlflow_keeps_for_itself_are_no_aliases(family, alias):
    try:
        family.set_registered_model_alias(NAME, alias, GOOD)
    except MlflowException:
        taken = False
    else:
        taken = True
    assert bool(re.search(serving.ALIAS_PATTERN, alias)) is taken
    assert bool(re.search(serving.REFERENCE_PATTERN, alias)) is taken
