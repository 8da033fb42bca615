"""Measures how far rows have drifted from those that a model learned from, feature by feature.

By `scipy.stats`, which is here already: the two-sample Kolmogorov-Smirnov test, the p-values of all
features adjusted by `false_discovery_control` (Benjamini-Hochberg), and the Wasserstein distance in
standard deviations. Evidently, on tables of up to 1,000 rows, runs the same test of SciPy, without
adjusting for the number of columns, at 5 % each, and would bring 21 packages with it, a web
framework, plotting and telemetry among them.
"""

from typing import TYPE_CHECKING, Any, Final

from iris.data import FEATURES

if TYPE_CHECKING:
    import pandas as pd

DIGITS: Final = 12  # of numbers in reports, so that another machine's last bit changes none


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

    Args:
        reference: rows with the four features, finite numbers all.
        current: the same.
        alpha: a feature's adjusted p-value, 0-1, has to be below it.
        min_effect: its Wasserstein distance, in standard deviations of the reference, has to reach
            it; in cm where the reference does not vary.
        min_share: the share of features, 0-1, that has to have drifted.

    Returns:
        `retrain`, `drifted` (names), `share` (0-1), `features`: for each name `statistic` (of KS,
        0-1), `p_value` (adjusted), `effect`, `drifted`.
    """
    from scipy import stats

    tests, effects = [], []
    for name in FEATURES:
        before, now = reference[name].to_numpy(), current[name].to_numpy()
        tests.append(stats.ks_2samp(before, now))
        spread = float(before.std()) or 1.0
        effects.append(float(stats.wasserstein_distance(before, now)) / spread)
    adjusted = stats.false_discovery_control([test.pvalue for test in tests])
    features = {
        name: {
            "statistic": round(float(test.statistic), DIGITS),
            "p_value": float(f"{p_value:.{DIGITS}g}"),
            "effect": round(effect, DIGITS),
            "drifted": bool(p_value < alpha and effect >= min_effect),
        }
        for name, test, p_value, effect in zip(FEATURES, tests, adjusted, effects, strict=True)
    }
    drifted = [name for name, one in features.items() if one["drifted"]]
    share = len(drifted) / len(FEATURES)
    return {
        "retrain": bool(drifted) and share >= min_share,
        "drifted": drifted,
        "share": share,
        "features": features,
    }
