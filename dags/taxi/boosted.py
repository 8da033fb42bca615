"""The boosted model: gradient-boosted trees on the means of cells, weighted by their trips."""

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from taxi.linear import MINUTE, LinearFit, fit_linear
from taxi.pairs import ZonePairs
from taxi.scoring import FEATURES, design
from taxi.threads import one_thread

if TYPE_CHECKING:
    from sklearn.compose import ColumnTransformer
    from sklearn.pipeline import Pipeline

ZONES: Final = list(FEATURES[:2])
FOLDS: Final = 5  # TargetEncoder cuts its rows into so many parts, if only to be fitted
SETTINGS: Final = {
    "max_iter": 300,
    "min_samples_leaf": 20,
    "early_stopping": False,  # it would draw a validation set of its own
    "random_state": 0,
}


def fit_boosted(cells: pl.DataFrame) -> "Pipeline":
    """Return a fitted scikit-learn pipeline that takes `FEATURES` and predicts minutes.

    A tree cannot use zone ids well, since neighbours in number are not neighbours in time. Beside
    the ids it therefore sees what the linear model says that each zone adds, in minutes. Least
    squares on the means of cells, weighted by trips, is least squares on the trips themselves.
    Equal cells give equal trees.

    Raises:
        ValueError: there is no trip.
    """
    from sklearn.ensemble import HistGradientBoostingRegressor
    from sklearn.pipeline import Pipeline

    hourly = cells.group_by(FEATURES).agg(pl.col("trips", "seconds").sum()).sort(FEATURES)
    zones = _zone_effects(fit_linear(ZonePairs.of(hourly.with_columns(seconds_squared=0))))
    trees = HistGradientBoostingRegressor(**SETTINGS)
    trips = hourly["trips"].to_numpy()
    minutes = hourly["seconds"].to_numpy() / trips / MINUTE
    with one_thread():
        trees.fit(zones.transform(design(hourly)), minutes, sample_weight=trips)
    return Pipeline([("zones", zones), ("trees", trees)])


def _zone_effects(linear: LinearFit) -> "ColumnTransformer":
    """Return a fitted transformer to five columns: effect of both zones, then `FEATURES`.

    The encoder is scikit-learn's own, so that anybody can load the model; its learned values are
    replaced by those of the linear model. A zone that it never saw has no effect.
    """
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.preprocessing import TargetEncoder

    rows = max(linear.n_features, 2 * FOLDS)
    seen = (linear.pickup_zones, linear.dropoff_zones)
    frame = pd.DataFrame(
        {name: np.resize(ids, rows) for name, ids in zip(ZONES, seen, strict=True)}
    )
    encoder = TargetEncoder(target_type="continuous", cv=FOLDS)
    columns = ColumnTransformer(
        [("effects", encoder, ZONES), ("as_is", "passthrough", list(FEATURES))]
    )
    columns.fit(frame.assign(hour=0), np.arange(rows, dtype=float))
    fitted = columns.named_transformers_["effects"]
    fitted.encodings_ = [linear.pickup_minutes, linear.dropoff_minutes]
    fitted.target_mean_ = 0.0
    return columns
