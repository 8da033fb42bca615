"""Drift is told where rows have moved, and nowhere else."""

import numpy as np
import pytest
from fixtures.iris_family import measured

from iris.data import FEATURES
from monitoring.drift import measure

DEFAULTS = {"alpha": 0.001, "min_effect": 0.2, "min_share": 0.5}


@pytest.mark.parametrize("seed", range(20))
def test_rows_of_the_same_distribution_ask_for_no_retraining(seed):
    before, now = measured(seed=1000 + seed), measured(seed=seed)
    assert measure(before, now, **DEFAULTS)["retrain"] is False


@pytest.mark.parametrize("seed", range(20))
def test_rows_that_have_moved_by_a_standard_deviation_ask_for_retraining(seed):
    before, now = measured(seed=1000 + seed), measured(seed=seed)
    moved = now.assign(**{name: now[name] + before[name].std() for name in FEATURES})
    told = measure(before, moved, **DEFAULTS)
    assert told["retrain"] is True
    assert set(told["drifted"]) == set(FEATURES)


@pytest.mark.parametrize("seed", range(20))
def test_another_spread_around_the_same_mean_is_drift_too(seed):
    before = measured(400, seed=1000 + seed)
    wide = measured(400, seed=seed)
    for name in FEATURES:
        wide[name] = wide[name].mean() + (wide[name] - wide[name].mean()) * 3
    assert measure(before, wide, **DEFAULTS)["retrain"] is True


def test_false_alarms_are_rarer_than_alpha_promises():
    alarms = sum(
        bool(measure(measured(seed=seed), measured(seed=9000 + seed), **DEFAULTS)["drifted"])
        for seed in range(100)
    )
    assert alarms <= 1


def test_a_shift_too_small_to_matter_is_no_drift_however_sure_one_is():
    before = measured(20_000, seed=1)
    now = measured(20_000, seed=2)
    now[FEATURES[0]] += 0.1 * before[FEATURES[0]].std()
    told = measure(before, now, **DEFAULTS)
    assert told["features"][FEATURES[0]]["p_value"] < 0.001
    assert told["drifted"] == []


def test_one_feature_of_four_crosses_the_threshold_only_where_a_quarter_is_enough():
    before, now = measured(seed=1), measured(seed=2)
    now[FEATURES[2]] += 3.0
    told = measure(before, now, **DEFAULTS)
    assert (told["drifted"], told["share"], told["retrain"]) == ([FEATURES[2]], 0.25, False)
    assert measure(before, now, **{**DEFAULTS, "min_share": 0.25})["retrain"] is True


def test_no_share_at_all_still_needs_a_feature_that_has_drifted():
    told = measure(measured(seed=1), measured(seed=2), **{**DEFAULTS, "min_share": 0})
    assert told["retrain"] is False


def test_p_values_are_adjusted_for_the_number_of_features():
    from scipy import stats

    before, now = measured(seed=1), measured(seed=2)
    raw = sorted(stats.ks_2samp(before[name], now[name]).pvalue for name in FEATURES)
    told = measure(before, now, **DEFAULTS)["features"]
    by_rank = [p_value * 4 / rank for rank, p_value in enumerate(raw, start=1)]
    expected = [min(by_rank[rank:]) for rank in range(4)]  # Benjamini and Hochberg, 1995
    assert sorted(one["p_value"] for one in told.values()) == pytest.approx(expected)
    assert min(expected) > min(raw)


def test_a_measure_that_never_varied_is_measured_in_its_unit():
    before, now = measured(seed=1), measured(seed=2)
    before[FEATURES[0]] = 5.0
    now[FEATURES[0]] = 5.5
    told = measure(before, now, **DEFAULTS)["features"][FEATURES[0]]
    assert told == {"statistic": 1.0, "p_value": told["p_value"], "effect": 0.5, "drifted": True}


def test_the_report_is_plain_data():
    told = measure(measured(seed=1), measured(seed=2, shift=1), **DEFAULTS)
    numbers = [value for one in told["features"].values() for value in one.values()]
    assert not [value for value in numbers if isinstance(value, np.generic)]
