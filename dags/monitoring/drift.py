"""Measures how far rows have drifted from those that a model learned from, feature by feature.

By `scipy.stats`, which is here already: two-sample Kolmogorov-Smirnov tests, the p-values of all
features adjusted by `false_discovery_control` (Benjamini-Hochberg), and the Wasserstein distance in
spreads of the reference. Evidently, on tables of up to 1,000 rows, runs the same test of SciPy,
without adjusting for the number of columns, at 5 % each, and would bring 21 packages with it, a web
framework, plotting and telemetry among them.
"""

import warnings
from typing import TYPE_CHECKING, Any, Final, Literal

from iris.data import FEATURES

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

DIGITS: Final = 12  # of numbers in reports, so that another machine's last bit changes none
FARTHEST: Final = 10.0
"""Spreads from the median beyond which a value counts no more: one typing error outweighs a day."""
_EXACT: Final = 1000  # rows; SciPy's exact p-values take seconds for many more
_IQR_OF_NORMAL: Final = 1.349  # standard deviations


def measure(
    reference: "pd.DataFrame",
    current: "pd.DataFrame",
    *,
    alpha: float,
    min_effect: float,
    min_share: float,
) -> dict[str, Any]:
    """Compare the distribution of every feature, and say whether it is time to train again.

    A feature has drifted if chance is ruled out and the shift is large enough to matter: with
    enough rows the smallest difference is no chance. The threshold is crossed when enough of the
    features have.

    Chance is tried twice for each feature, by the values and by their distance from the median,
    since the first test hardly sees that values are spread wider; the smaller p-value counts,
    doubled. A spread is the smaller of standard deviation and interquartile range (as standard
    deviations of a normal distribution): a few values far out widen the former without limit.

    Args:
        reference: rows with the four features, finite numbers all.
        current: the same.
        alpha: a feature's adjusted p-value, 0-1, has to be below it.
        min_effect: its Wasserstein distance, 0-20 spreads of the reference, has to reach it; in cm
            where the reference does not vary.
        min_share: the share of features, 0-1, that has to have drifted.

    Returns:
        `retrain`, `drifted` (names), `share` (0-1), `features`: for each name `statistic` (of KS,
        0-1), `p_value` (adjusted), `effect`, `drifted`.
    """
    from scipy import stats

    compared = [
        _compare(reference[name].to_numpy("float64"), current[name].to_numpy("float64"))
        for name in FEATURES
    ]
    adjusted = stats.false_discovery_control([one["p_value"] for one in compared])
    features = {
        name: {
            "statistic": round(one["statistic"], DIGITS),
            "p_value": float(f"{p_value:.{DIGITS}g}"),
            "effect": round(one["effect"], DIGITS),
            "drifted": bool(p_value < alpha and one["effect"] >= min_effect),
        }
        for name, one, p_value in zip(FEATURES, compared, adjusted, strict=True)
    }
    drifted = [name for name, one in features.items() if one["drifted"]]
    share = len(drifted) / len(FEATURES)
    return {
        "retrain": bool(drifted) and share >= min_share,
        "drifted": drifted,
        "share": share,
        "features": features,
    }


def _compare(before: "np.ndarray[Any, Any]", now: "np.ndarray[Any, Any]") -> dict[str, float]:
    """Return `statistic`, `p_value` and `effect` of one feature, not adjusted for the others."""
    import numpy as np
    from scipy import stats

    centre, spread = float(np.median(before)), _spread(before)
    by_value = _tested(before, now)
    by_distance = _tested(abs(before - centre), abs(now - centre))
    near, moved = (
        np.clip((values - centre) / spread, -FARTHEST, FARTHEST) for values in (before, now)
    )
    return {
        "statistic": max(float(by_value.statistic), float(by_distance.statistic)),
        "p_value": min(1.0, 2 * float(min(by_value.pvalue, by_distance.pvalue))),
        "effect": float(stats.wasserstein_distance(near, moved)),
    }


def _tested(before: "np.ndarray[Any, Any]", now: "np.ndarray[Any, Any]") -> Any:
    """Test for one distribution; where two samples are all but equal, SciPy warns in vain."""
    from scipy import stats

    method: Literal["exact", "asymp"] = "exact" if max(len(before), len(now)) <= _EXACT else "asymp"
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "ks_2samp: Exact calculation unsuccessful")
        return stats.ks_2samp(before, now, method=method)


def _spread(values: "np.ndarray[Any, Any]") -> float:
    import numpy as np

    if values.min() == values.max():  # whose standard deviation need not come out as 0
        return 1.0
    low, high = np.percentile(values, [25, 75])
    deviation, usual = float(values.std()), float(high - low) / _IQR_OF_NORMAL
    return min(deviation, usual) if usual else deviation
