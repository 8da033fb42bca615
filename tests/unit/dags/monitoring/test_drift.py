"""Drift is told where rows have moved, and nowhere else."""

import numpy as np
import pandas as pd
import pytest
from fixtures.iris_family import measured

from iris.data import FEATURES
from monitoring.drift import measure

DEFAULTS = {"alpha": 0.001, "min_effect": 0.2, "min_share": 0.25}
KINDS = {
    "normal": lambda draw, rows: draw.normal(5, 1, (rows, 4)),
    "heavy-tailed": lambda draw, rows: 5 + draw.standard_t(1.5, (rows, 4)),
    "skewed": lambda draw, rows: draw.lognormal(0, 1, (rows, 4)),
    "categories": lambda draw, rows: draw.choice(3, (rows, 4), p=[0.5, 0.3, 0.2]),
    "dependent": lambda draw, rows: draw.normal(5, 1, (rows, 1)) + draw.normal(0, 0.1, (rows, 4)),
}


def drawn(kind, rows, seed):
    """Return rows of one of the distributions, each seed other ones."""
    return pd.DataFrame(KINDS[kind](np.random.default_rng(seed), rows), columns=list(FEATURES))


def alarms(kind, rows, runs, change=lambda table: table):
    """Count the runs that ask for a retraining, of rows that are changed and rows that are not."""
    pairs = ((drawn(kind, rows, seed), drawn(kind, rows, 9000 + seed)) for seed in range(runs))
    return sum(measure(before, change(now), **DEFAULTS)["retrain"] for before, now in pairs)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(("rows", "runs"), [(50, 40), (200, 40), (5000, 5)])
def test_false_alarms_are_rare_whatever_is_measured(kind, rows, runs):
    assert alarms(kind, rows, runs) <= 1


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("rows", [200, 5000])
def test_a_shift_of_one_feature_alone_is_found_whatever_is_measured(kind, rows):
    def shifted(table):
        return table.assign(**{FEATURES[1]: table[FEATURES[1]] + 1.5})

    assert alarms(kind, rows, 10, shifted) == 10


@pytest.mark.parametrize("kind", ["normal", "heavy-tailed", "dependent"])
def test_twice_the_spread_is_found_in_200_rows(kind):
    assert alarms(kind, 200, 20, lambda table: 5 + (table - 5) * 2) == 20


def test_a_category_that_becomes_rare_and_a_new_one_are_found():
    assert alarms("categories", 400, 20, lambda table: table.replace(0, 1)) == 20
    assert alarms("categories", 400, 20, lambda table: table.replace(1, 7)) == 20


def test_one_value_far_out_hides_no_shift_and_is_none():
    before, now = measured(400, seed=1), measured(400, seed=2)
    before.loc[0, FEATURES[0]] = now.loc[0, FEATURES[1]] = 1e6
    assert measure(before, now, **DEFAULTS)["drifted"] == []
    now[FEATURES[0]] += 1.0
    assert measure(before, now, **DEFAULTS)["drifted"] == [FEATURES[0]]


def test_a_sure_but_tiny_shift_is_none_for_all_the_values_far_out():
    before, now = drawn("normal", 20_000, 1), drawn("normal", 20_000, 2) + 0.1
    now.loc[:19, FEATURES[0]] = 1e6  # one of a thousand
    told = measure(before, now, **DEFAULTS)
    assert told["features"][FEATURES[0]]["p_value"] < 0.001
    assert told["drifted"] == []


def test_nothing_is_warned_of_where_one_row_alone_differs(recwarn):
    before = drawn("categories", 200, 1)
    now = before.copy()
    now.loc[0] = 2 - now.loc[0]
    assert measure(before, now, **DEFAULTS)["drifted"] == []
    assert recwarn.list == []


def test_whole_numbers_are_measured_as_the_same_numbers_with_a_point():
    before, now = (drawn("categories", 100, seed).astype("int64") for seed in (1, 2))
    now["another"] = 1
    turned = now[now.columns[::-1]]
    expected = measure(before.astype("float64"), now.astype("float32"), **DEFAULTS)
    assert measure(before, turned, **DEFAULTS) == expected


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


def test_a_shift_too_small_to_matter_is_no_drift_however_sure_one_is():
    before = measured(20_000, seed=1)
    now = measured(20_000, seed=2)
    now[FEATURES[0]] += 0.1 * before[FEATURES[0]].std()
    told = measure(before, now, **DEFAULTS)
    assert told["features"][FEATURES[0]]["p_value"] < 0.001
    assert told["drifted"] == []


def test_one_feature_of_four_crosses_the_threshold_unless_more_are_asked_for():
    before, now = measured(seed=1), measured(seed=2)
    now[FEATURES[2]] += 3.0
    told = measure(before, now, **DEFAULTS)
    assert (told["drifted"], told["share"], told["retrain"]) == ([FEATURES[2]], 0.25, True)
    assert measure(before, now, **{**DEFAULTS, "min_share": 0.5})["retrain"] is False


def test_no_share_at_all_still_needs_a_feature_that_has_drifted():
    told = measure(measured(seed=1), measured(seed=2), **{**DEFAULTS, "min_share": 0})
    assert told["retrain"] is False


def test_p_values_are_adjusted_for_the_number_of_features():
    from scipy import stats

    before, now = measured(seed=1), measured(seed=2)
    raw = []
    for name in FEATURES:
        pair = before[name], now[name]
        far = [abs(values - before[name].median()) for values in pair]
        raw.append(2 * min(stats.ks_2samp(*pair).pvalue, stats.ks_2samp(*far).pvalue))
    raw.sort()
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


def test_a_measure_that_never_varied_may_move_by_less_than_matters():
    before, now = measured(seed=1), measured(seed=2)
    before[FEATURES[0]], now[FEATURES[0]] = 5.1, 5.2
    assert before[FEATURES[0]].to_numpy().std() > 0, "rounded"
    told = measure(before, now, **DEFAULTS)["features"][FEATURES[0]]
    assert (told["effect"], told["drifted"]) == (pytest.approx(0.1), False)


def test_the_report_is_plain_data():
    told = measure(measured(seed=1), measured(seed=2, shift=1), **DEFAULTS)
    numbers = [value for one in told["features"].values() for value in one.values()]
    assert not [value for value in numbers if isinstance(value, np.generic)]
