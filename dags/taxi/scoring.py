"""Scores any model that predicts from a cell, over every trip and exactly."""

from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import polars as pl

from taxi.cells import SUMS
from taxi.linear import rmse
from taxi.threads import one_thread

if TYPE_CHECKING:
    import pandas as pd

FEATURES: Final = ("PULocationID", "DOLocationID", "hour")


class Model(Protocol):
    """Anything that predicts minutes, one for each row of a DataFrame of `FEATURES`."""

    def predict(self, rows: "pd.DataFrame", /) -> Any:
        """Return minutes."""


def design(cells: pl.DataFrame) -> "pd.DataFrame":
    """Return what every model here takes: `FEATURES` as int64, one row for each cell."""
    return cells.select(pl.col(FEATURES).cast(pl.Int64)).to_pandas()


def score(model: Model, cells: pl.DataFrame) -> float:
    """Return the root mean squared error in minutes over all trips of the cells.

    Raises:
        ValueError: there is no cell, or the model predicts something that is no number.
    """
    if cells.is_empty():
        raise ValueError("No trip to score on; choose a month with more trips.")
    with one_thread():
        predicted = np.asarray(model.predict(design(cells)), dtype=np.float64).reshape(-1)
    if not np.isfinite(predicted).all():
        raise ValueError("The model predicts values that are not finite; do not promote it.")
    return rmse(predicted, *(cells[name].to_numpy() for name in SUMS))
