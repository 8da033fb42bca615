"""Zone pairs: three sparse matrices that hold all the linear model can learn of a month."""

from collections.abc import Iterable
from dataclasses import dataclass
from functools import reduce
from operator import add
from typing import Any, Final, Self

import numpy as np
import polars as pl
from scipy.sparse import csr_matrix, vstack

from taxi.cells import SUMS
from taxi.schema import ZONE_LIMIT

ZONES: Final = ("PULocationID", "DOLocationID")
SHAPE: Final = (ZONE_LIMIT, ZONE_LIMIT)


@dataclass(frozen=True, slots=True)
class ZonePairs:
    """Sums over the trips from one zone (row) to another (column), each 1024 x 1024 and int64.

    Attributes:
        trips: how many.
        seconds: their durations.
        seconds_squared: the squares of their durations.
    """

    trips: csr_matrix
    seconds: csr_matrix
    seconds_squared: csr_matrix

    @classmethod
    def of(cls, cells: pl.DataFrame) -> Self:
        """Return the zone pairs of some cells, summed over hours and holdout."""
        by_pair = cells.group_by(ZONES).agg(pl.col(SUMS).sum())
        pickup, dropoff = (by_pair[zone].to_numpy() for zone in ZONES)
        at = (pickup, dropoff)
        sums = (csr_matrix((by_pair[name].to_numpy(), at), SHAPE, dtype=np.int64) for name in SUMS)
        return cls(*sums)

    @classmethod
    def total(cls, months: Iterable[Self]) -> Self:
        """Return the zone pairs of all months together, exactly.

        Raises:
            ValueError: there is no month.
        """
        months = list(months)
        if not months:
            raise ValueError("No month to add up; plan at least one.")
        return cls(*(reduce(add, (getattr(month, name) for month in months)) for name in SUMS))

    @classmethod
    def from_matrix(cls, stacked: Any) -> Self:
        """Return the zone pairs that `to_matrix` wrote."""
        stacked = csr_matrix(stacked)
        return cls(*(stacked[at * ZONE_LIMIT : (at + 1) * ZONE_LIMIT] for at in range(len(SUMS))))

    def to_matrix(self) -> csr_matrix:
        """Return trips, seconds and seconds² below one another: 3072 x 1024, to send by XCom."""
        return csr_matrix(vstack([self.trips, self.seconds, self.seconds_squared]))
