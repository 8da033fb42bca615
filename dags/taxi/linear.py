"""The linear model: one-hot zones, least squares, solved exactly from the sums of zone pairs."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import connected_components

from taxi.pairs import ZonePairs
from taxi.threads import one_thread

if TYPE_CHECKING:
    from sklearn.pipeline import Pipeline

Vector = NDArray[np.float64]
MINUTE = 60.0


@dataclass(frozen=True, slots=True)
class LinearFit:
    """A fitted linear model: `intercept + pickup_minutes[zone] + dropoff_minutes[zone]`.

    Attributes:
        pickup_zones: ids of the zones where trips began, ascending.
        dropoff_zones: ids of the zones where trips ended, ascending.
        pickup_minutes: one coefficient for each of `pickup_zones`.
        dropoff_minutes: one coefficient for each of `dropoff_zones`.
        intercept: minutes.
        rmse: over the trips it was fitted on, minutes.
        trips: how many those were.
    """

    pickup_zones: NDArray[np.int64]
    dropoff_zones: NDArray[np.int64]
    pickup_minutes: Vector
    dropoff_minutes: Vector
    intercept: float
    rmse: float
    trips: int

    @property
    def n_features(self) -> int:
        """Columns of the one-hot design: pickup zones and drop-off zones seen."""
        return self.pickup_zones.size + self.dropoff_zones.size


def fit_linear(pairs: ZonePairs) -> LinearFit:
    """Return the least-squares solution of minimum norm, as scikit-learn's LinearRegression does.

    The design has one column for each zone seen at either end, and the intercept stays outside the
    norm. Its centred normal equations need the sums alone: for 3.3 million trips they are
    530 x 530. They are singular by construction, and the null space is known: adding a constant to
    every pickup zone changes nothing, nor does moving a constant from the pickups to the drop-offs
    of zones that no trip connects to the others. With that space filled the matrix is positive
    definite, and Cholesky gives the minimum-norm solution without a cut-off to guess.

    Raises:
        ValueError: there is no trip.
    """
    trips = int(pairs.trips.sum())
    if not trips:
        raise ValueError("No trip to fit on; choose another month.")
    pickup_zones = np.flatnonzero(pairs.trips.sum(axis=1))
    dropoff_zones = np.flatnonzero(pairs.trips.sum(axis=0))
    count, seconds, squared = (
        matrix.toarray()[np.ix_(pickup_zones, dropoff_zones)].astype(np.float64)
        for matrix in (pairs.trips, pairs.seconds, pairs.seconds_squared)
    )
    minutes, mean = seconds / MINUTE, int(pairs.seconds.sum()) / trips / MINUTE
    weight = np.concatenate([count.sum(axis=1), count.sum(axis=0)])
    gram = np.diag(weight) - np.outer(weight, weight / trips)
    split = pickup_zones.size
    gram[:split, split:] += count
    gram[split:, :split] += count.T
    moment = np.concatenate([minutes.sum(axis=1), minutes.sum(axis=0)]) - weight * mean
    with one_thread():
        solution = _solve(gram, moment, _null_space(count), scale=weight.mean())
    pickup_minutes, dropoff_minutes = solution[:split], solution[split:]
    intercept = float(mean - weight @ solution / trips)
    predicted = intercept + pickup_minutes[:, None] + dropoff_minutes[None, :]
    return LinearFit(
        pickup_zones=pickup_zones,
        dropoff_zones=dropoff_zones,
        pickup_minutes=pickup_minutes,
        dropoff_minutes=dropoff_minutes,
        intercept=intercept,
        rmse=rmse(predicted, count, seconds, squared),
        trips=trips,
    )


def rmse(predicted: Vector, trips: Vector, seconds: Vector, seconds_squared: Vector) -> float:
    """Return the root mean squared error in minutes over all trips of some groups, exactly.

    Within a group the prediction is one number, so the error splits into the spread of the group
    around its own mean and the distance of that mean from the prediction; neither cancels.

    Args:
        predicted: minutes, one for each group.
        trips: how many trips the group has; 0 is allowed.
        seconds: the sum of their durations.
        seconds_squared: the sum of the squares of their durations.
    """
    held = trips > 0
    n, total = trips[held].astype(np.float64), seconds[held].astype(np.float64)
    mean = total / n
    spread = np.maximum(seconds_squared[held] - total * mean, 0.0)
    missed = n * np.square(mean - predicted[held] * MINUTE)
    return float(np.sqrt((spread + missed).sum() / n.sum()) / MINUTE)


def to_pipeline(fit: LinearFit) -> "Pipeline":
    """Return the model as a scikit-learn pipeline that anybody can load and use.

    It takes a DataFrame with `PULocationID` and `DOLocationID` (integers; other columns are
    ignored) and predicts minutes. A zone that it never saw adds nothing to the intercept.
    """
    import pandas as pd
    from sklearn.compose import ColumnTransformer
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import Pipeline
    from sklearn.preprocessing import OneHotEncoder

    zones: dict[str, Any] = {
        "PULocationID": np.resize(fit.pickup_zones, fit.n_features),
        "DOLocationID": np.resize(fit.dropoff_zones, fit.n_features),
    }
    one_hot = ColumnTransformer([("one_hot", OneHotEncoder(handle_unknown="ignore"), list(zones))])
    one_hot.fit(pd.DataFrame(zones))
    regression = LinearRegression()
    regression.coef_ = np.concatenate([fit.pickup_minutes, fit.dropoff_minutes])
    regression.intercept_ = fit.intercept
    regression.n_features_in_ = fit.n_features
    return Pipeline([("zones", one_hot), ("linear", regression)])


def _null_space(count: Vector) -> Vector:
    """Return an orthonormal basis of what the centred design cannot see: features x dimensions."""
    rows, columns = count.shape
    graph = np.zeros((rows + columns, rows + columns), dtype=bool)
    graph[:rows, rows:] = count > 0
    parts, part = connected_components(csr_matrix(graph), directed=False)
    side = np.repeat([1.0, -1.0], [rows, columns])
    moved = (part[:, None] == np.arange(parts)) * side[:, None]
    everywhere_begun = np.repeat([1.0, 0.0], [rows, columns])
    return np.linalg.qr(np.column_stack([moved, everywhere_begun]))[0]


def _solve(gram: Vector, moment: Vector, null: Vector, scale: float) -> Vector:
    """Return the minimum-norm solution of `gram @ x = moment`.

    Args:
        gram: features x features, positive semidefinite.
        moment: one value for each feature.
        null: an orthonormal basis of the null space of `gram`.
        scale: above 0 and of the size of the diagonal of `gram`, to fill that space with.
    """
    filled = gram + scale * (null @ null.T)
    factor = cho_factor(filled)
    solution = cho_solve(factor, moment)
    solution += cho_solve(factor, moment - gram @ solution)
    return solution - null @ (null.T @ solution)
