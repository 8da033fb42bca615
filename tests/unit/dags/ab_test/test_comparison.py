"""A challenger is nominated where it is better and chance is ruled out, and nowhere else."""

import logging

import numpy as np
import pytest
from fixtures.iris_family import GOOD, NAME, WEAK, measured, stored, versions_by_alias
from scipy import stats

from ab_test import comparison
from ab_test.comparison import decide
from iris.data import FEATURES, TARGET
from mlops import storage
from mlops.failures import NothingToDoError, PermanentError
from mlops.tracking import TrackingError


def collected(tmp_path, table=None, champion=WEAK, challenger=GOOD):
    rows = measured(seed=1) if table is None else table
    return comparison.collect("r", stored(rows, tmp_path), champion, challenger)


@pytest.mark.parametrize(
    ("only_champion", "only_challenger", "verdict"),
    [
        (0, 0, "undecided"),
        (5, 5, "undecided"),
        (0, 5, "undecided"),  # p = 0.0625
        (0, 6, "challenger"),  # p = 0.03125
        (6, 0, "champion"),
        (10, 30, "challenger"),
        (30, 10, "champion"),
    ],
)
def test_the_verdict_is_that_of_the_exact_test(only_champion, only_challenger, verdict):
    told = decide(only_champion, only_challenger, 150, 0.05, 100)
    assert told["verdict"] == verdict


@pytest.mark.parametrize("only_challenger", range(13))
def test_the_p_value_is_twice_the_smaller_tail(only_challenger):
    tail = stats.binom.cdf(min(only_challenger, 12 - only_challenger), 12, 0.5)
    told = decide(12 - only_challenger, only_challenger, 150, 0.05, 100)
    assert told["p_value"] == pytest.approx(min(1, 2 * tail))


def test_with_too_few_rows_nothing_is_decided_however_clear_it_looks():
    told = decide(0, 60, 99, 0.05, 100)
    assert (told["verdict"], told["p_value"] < 1e-9) == ("undecided", True)
    assert "99 rows are fewer than min_rows 100" in told["reason"]
    assert decide(0, 60, 100, 0.05, 100)["verdict"] == "challenger"


def test_two_that_are_equally_good_are_told_apart_in_no_more_than_alpha_of_all_tests():
    draw = np.random.default_rng(0)
    wins = draw.binomial(30, 0.5, 2000)
    verdicts = [decide(30 - int(one), int(one), 150, 0.05, 100)["verdict"] for one in wins]
    assert 0 < sum(one != "undecided" for one in verdicts) <= 0.05 * 2000


def test_the_better_version_wins_and_gets_the_alias(family, tmp_path):
    compared = comparison.compare(collected(tmp_path), 0.05, 100)
    assert compared["verdict"] == "challenger"
    assert compared["accuracy"]["challenger"] > compared["accuracy"]["champion"]
    assert (compared["champion"], compared["challenger"]) == (WEAK, GOOD)
    assert comparison.nominate(compared, "staging") == {"version": GOOD, "alias": "staging"}
    assert versions_by_alias(family) == {"champion": GOOD, "staging": GOOD}


def test_the_worse_version_is_not_nominated_and_no_alias_moves(family, tmp_path):
    compared = comparison.compare(collected(tmp_path, None, GOOD, WEAK), 0.05, 100)
    assert compared["verdict"] == "champion"
    with pytest.raises(NothingToDoError, match="The challenger is not nominated"):
        comparison.nominate(compared, "staging")
    assert versions_by_alias(family) == {"champion": GOOD}


def test_report_and_mlflow_run_hold_the_decision(family, tmp_path):
    compared = comparison.compare(collected(tmp_path), 0.05, 100)
    kept = storage.read_json(compared["report"])
    assert kept == {name: value for name, value in compared.items() if name != "report"}
    experiment = family.get_experiment_by_name("iris-ab-test")
    [run] = family.search_runs([experiment.experiment_id])
    assert run.info.status == "FINISHED"
    assert run.data.tags["verdict"] == "challenger"
    assert run.data.metrics["p_value"] == compared["p_value"]
    assert run.data.params["challenger_version"] == GOOD


def test_the_same_version_twice_is_nothing_to_do(family, tmp_path):
    with pytest.raises(NothingToDoError, match="`champion` and `2` are both version 2 of"):
        collected(tmp_path, None, "champion", GOOD)


@pytest.mark.parametrize(
    ("champion", "challenger"), [("champion", "challenger"), ("production", GOOD)]
)
def test_a_missing_side_is_nothing_to_do(family, tmp_path, champion, challenger):
    with pytest.raises(NothingToDoError, match="yet; run `ml_training_pipeline`, or set the alias"):
        collected(tmp_path, None, champion, challenger)


def test_no_rows_are_nothing_to_do(family, tmp_path):
    with pytest.raises(NothingToDoError, match="has no rows; there is nothing to compare on"):
        collected(tmp_path, measured(seed=1).head(0))


@pytest.mark.parametrize(
    "change",
    [
        lambda table: table.drop(columns=TARGET),
        lambda table: table.astype({TARGET: float}).mask(table.index.to_series() == 3),
    ],
)
def test_rows_without_a_class_are_refused(family, tmp_path, change):
    with pytest.raises(PermanentError, match="does not give every row a class in `target`"):
        collected(tmp_path, change(measured(seed=1)))


def test_rows_of_another_schema_are_refused_and_leave_no_report(family, tmp_path):
    found = collected(tmp_path, measured(seed=1).drop(columns=FEATURES[0]))
    with pytest.raises(PermanentError, match="lacks `sepal length"):
        comparison.compare(found, 0.05, 100)
    assert not storage.exists(f"{found['base']}/report.json")


def test_registry_out_of_reach_is_one_sentence(tmp_path):
    with pytest.raises(TrackingError, match=r"^MLflow at http://127.0.0.1:9 does not answer"):
        collected(tmp_path)


def test_a_deleted_experiment_is_named_and_leaves_no_report(family, tmp_path):
    family.delete_experiment(family.create_experiment("iris-ab-test"))
    found = collected(tmp_path)
    with pytest.raises(TrackingError, match="`iris-ab-test` is deleted; restore it"):
        comparison.compare(found, 0.05, 100)
    assert not storage.exists(f"{found['base']}/report.json")


def test_a_challenger_that_is_deleted_meanwhile_is_not_nominated(family, tmp_path):
    compared = comparison.compare(collected(tmp_path), 0.05, 100)
    family.delete_model_version(NAME, GOOD)
    with pytest.raises(TrackingError, match="refuses"):
        comparison.nominate(compared, "staging")
    assert versions_by_alias(family) == {}


def test_a_run_that_someone_else_ends_keeps_the_decision(family, tmp_path, monkeypatch):
    predict = comparison.serving.predict

    def meddled(*arguments):
        experiment = family.get_experiment_by_name("iris-ab-test")
        [run] = family.search_runs([experiment.experiment_id])
        family.set_terminated(run.info.run_id, "KILLED")
        return predict(*arguments)

    found = collected(tmp_path)
    monkeypatch.setattr(comparison.serving, "predict", meddled)
    comparison.compare(found, 0.05, 100)
    experiment = family.get_experiment_by_name("iris-ab-test")
    [run] = family.search_runs([experiment.experiment_id])
    assert (run.info.status, run.data.tags["verdict"]) == ("FINISHED", "challenger")


def test_notification_says_who_is_better(caplog, monkeypatch):
    posted = []
    monkeypatch.setattr("mlops.notifier.post", posted.append)
    told = {
        "verdict": "undecided",
        "reason": "Chance.",
        "champion": "1",
        "challenger": "2",
        "report": "file:///r",
    }
    with caplog.at_level(logging.INFO):
        assert comparison.notify({**told, "p_value": 1.0}) == told
    assert "verdict=undecided" in caplog.text
    assert posted == [{"state": "success", **told}]
