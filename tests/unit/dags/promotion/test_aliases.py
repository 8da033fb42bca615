"""An alias moves to a version that was checked, in one step, and back; or it stays."""

import logging

import pytest
from fixtures.iris_family import GOOD, NAME, WEAK, measured, stored, versions_by_alias

from iris.data import FEATURES, TARGET
from mlops import registry, storage
from mlops.failures import NothingToDoError, PermanentError
from mlops.tracking import TrackingError
from promotion import aliases


@pytest.fixture
def rows(tmp_path):
    """The address of labelled rows on which the good version is right, and the weak one is not."""
    return stored(measured(seed=1), tmp_path)


@pytest.fixture
def staged(family):
    """The weak version in production, the good one staged."""
    family.set_registered_model_alias(NAME, "production", WEAK)
    family.set_registered_model_alias(NAME, "staging", GOOD)
    return family


def promoted(rows, run="r", rollback=False, min_accuracy=0.85, max_loss=0.0):
    decision = aliases.choose(run, "staging", "production", rollback=rollback)
    return aliases.move(decision, aliases.check(decision, rows, min_accuracy, max_loss))


def test_the_staged_version_gets_production_and_keeps_what_it_replaced(staged, rows):
    told = promoted(rows)
    assert (told["version"], told["replaced"]) == (GOOD, WEAK)
    assert versions_by_alias(staged) == {"champion": GOOD, "production": GOOD, "staging": GOOD}
    assert staged.get_model_version(NAME, GOOD).tags["mlops.replaces.production"] == WEAK
    kept = storage.read_json(told["record"])
    assert kept == {name: value for name, value in told.items() if name != "record"}


def test_the_first_promotion_replaces_nothing(family, rows):
    family.set_registered_model_alias(NAME, "staging", GOOD)
    assert promoted(rows)["replaced"] is None
    assert versions_by_alias(family)["production"] == GOOD
    with pytest.raises(NothingToDoError, match="`production` has never been moved"):
        promoted(rows, "back", rollback=True)


def test_a_rollback_goes_back_to_what_was_replaced_though_it_is_worse(staged, rows):
    promoted(rows)
    told = promoted(rows, "back", rollback=True, min_accuracy=0.3)
    assert (told["version"], told["replaced"]) == (WEAK, GOOD)
    assert versions_by_alias(staged) == {"champion": GOOD, "production": WEAK, "staging": GOOD}
    assert promoted(rows, "forward")["version"] == GOOD


def test_a_rollback_that_is_repeated_goes_back_once(staged, rows):
    promoted(rows)
    first, second = (promoted(rows, "back", rollback=True, min_accuracy=0.3) for _ in "12")
    assert first == second
    assert versions_by_alias(staged)["production"] == WEAK


def test_a_rollback_to_a_version_that_is_gone_changes_nothing(staged, rows):
    promoted(rows)
    staged.delete_model_version(NAME, WEAK)
    with pytest.raises(PermanentError, match="has no version 1"):
        promoted(rows, "back", rollback=True)
    assert versions_by_alias(staged)["production"] == GOOD


def test_a_run_that_is_repeated_says_the_same(staged, rows):
    assert promoted(rows) == promoted(rows)


def test_nothing_staged_is_nothing_to_do(family):
    with pytest.raises(NothingToDoError, match="carries the alias `staging` yet"):
        aliases.choose("r", "staging", "production", rollback=False)


def test_no_rollback_without_production(family):
    with pytest.raises(NothingToDoError, match="there is nothing to go back to"):
        aliases.choose("r", "staging", "production", rollback=True)


def test_a_version_that_is_in_production_already_is_nothing_to_do(staged):
    staged.set_registered_model_alias(NAME, "production", GOOD)
    with pytest.raises(
        NothingToDoError, match="Version 2 of `iris-classifier` carries `production`"
    ):
        aliases.choose("r", "staging", "production", rollback=False)


def test_a_version_below_the_gate_is_refused(staged, rows):
    staged.set_registered_model_alias(NAME, "staging", WEAK)
    staged.delete_registered_model_alias(NAME, "production")
    with pytest.raises(
        PermanentError,
        match=r"^Version 1 of .* is not promoted: accuracy 0\.\d{4} is below min_accuracy 0.85",
    ):
        promoted(rows)
    assert "production" not in versions_by_alias(staged)


def test_a_version_that_is_worse_is_refused_unless_that_little_is_allowed(family, rows):
    family.set_registered_model_alias(NAME, "staging", WEAK)
    family.set_registered_model_alias(NAME, "production", GOOD)
    with pytest.raises(
        PermanentError, match=r"of version 2 by more than max_loss 0.1; nothing was"
    ):
        promoted(rows, min_accuracy=0, max_loss=0.1)
    assert versions_by_alias(family)["production"] == GOOD
    assert promoted(rows, min_accuracy=0, max_loss=1)["version"] == WEAK


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (lambda table: table.head(0), "has no rows, or some without a class in `target`"),
        (lambda table: table.drop(columns=TARGET), "or some without a class in `target`"),
        (lambda table: table.assign(**{TARGET: None}), "or some without a class in `target`"),
        (
            lambda table: table.assign(**{TARGET: table[TARGET].where(table.index > 0)}),
            "or some without a class in `target`",
        ),
        (lambda table: table.drop(columns=FEATURES[0]), "lacks `sepal length"),
    ],
)
def test_rows_on_which_nothing_can_be_checked_promote_nothing(staged, tmp_path, change, problem):
    with pytest.raises(PermanentError, match=problem):
        promoted(stored(change(measured(seed=1)), tmp_path))
    assert versions_by_alias(staged)["production"] == WEAK


def test_registry_out_of_reach_is_one_sentence():
    with pytest.raises(TrackingError, match=r"^MLflow at http://127.0.0.1:9 does not answer"):
        aliases.choose("r", "staging", "production", rollback=False)


def test_registry_that_goes_away_before_the_move_leaves_production(staged, rows, monkeypatch):
    decision = aliases.choose("r", "staging", "production", rollback=False)
    checked = aliases.check(decision, rows, 0.85, 0)
    with monkeypatch.context() as away:
        away.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
        with pytest.raises(TrackingError, match="does not answer"):
            aliases.move(decision, checked)
    assert versions_by_alias(staged)["production"] == WEAK
    assert not storage.exists(f"{decision['base']}/promotion.json")
    assert aliases.move(decision, checked)["version"] == GOOD


@pytest.mark.parametrize("moment", ["_remember", "promote", "write_json"])
def test_killed_at_any_step_production_is_one_version_and_the_next_try_ends_it(
    staged, rows, monkeypatch, moment
):
    decision = aliases.choose("r", "staging", "production", rollback=False)
    checked = aliases.check(decision, rows, 0.85, 0)
    owner = {"_remember": aliases, "promote": registry, "write_json": storage}[moment]

    def killed(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as trap:
        trap.setattr(owner, moment, killed)
        with pytest.raises(KeyboardInterrupt):
            aliases.move(decision, checked)
    assert versions_by_alias(staged)["production"] == (GOOD if moment == "write_json" else WEAK)
    told = aliases.move(decision, checked)
    assert (told["version"], told["replaced"]) == (GOOD, WEAK)
    assert staged.get_model_version(NAME, GOOD).tags["mlops.replaces.production"] == WEAK


def test_an_alias_that_somebody_else_moves_meanwhile_is_left_there(family, rows):
    family.set_registered_model_alias(NAME, "staging", GOOD)
    decision = aliases.choose("r", "staging", "production", rollback=False)
    checked = aliases.check(decision, rows, 0.85, 0)
    family.set_registered_model_alias(NAME, "production", WEAK)
    with pytest.raises(PermanentError, match=r"is at version 1 .* and not at none as when"):
        aliases.move(decision, checked)
    assert versions_by_alias(family)["production"] == WEAK


def test_a_version_that_is_deleted_between_check_and_move_leaves_production(staged, rows):
    decision = aliases.choose("r", "staging", "production", rollback=False)
    checked = aliases.check(decision, rows, 0.85, 0)
    staged.delete_model_version(NAME, GOOD)
    with pytest.raises(TrackingError, match="refuses"):
        aliases.move(decision, checked)
    assert versions_by_alias(staged) == {"production": WEAK}


def test_a_deleted_experiment_does_not_hinder_a_promotion(staged, rows):
    staged.delete_experiment(staged.get_experiment_by_name("iris").experiment_id)
    assert promoted(rows)["version"] == GOOD


def test_notification_says_what_was_moved(caplog, monkeypatch):
    posted = []
    monkeypatch.setattr("mlops.notifier.post", posted.append)
    told = {"alias": "production", "version": "2", "replaced": "1"}
    with caplog.at_level(logging.INFO):
        assert aliases.notify(told) == told
    assert "version=2" in caplog.text
    assert posted == [{"state": "success", "model": NAME, **told}]
