"""Reduces trips to cells: integer sums that are small, additive and enough for every model here."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import polars as pl

from taxi.errors import UnusableMonthError
from taxi.schema import MICROSECONDS, ZONE_LIMIT, is_kept, read_trips, seconds

KEYS: Final = ("PULocationID", "DOLocationID", "hour", "holdout")
SUMS: Final = ("trips", "seconds", "seconds_squared")
HOLDOUT_EVERY: Final = 5  # one trip of five, by the second of its pickup; see reduce_month
HOURS: Final = 32  # room for 0..23 in the packed key


def reduce_month(path: Path, name: str = "") -> pl.DataFrame:
    """Return the cells of one month, reading it in streams of bounded memory.

    The four keys travel as one packed int32, which groups 1.5 times faster than four columns.
    Held out is one trip of five, by arithmetic on its pickup alone, so that a trip is on the same
    side in every run and version. Seconds and minutes are added up for it, because the seconds
    alone are no fair draw: one vendor rounds its longer trips to full minutes.

    Args:
        path: a TLC parquet file.
        name: what messages call the file; its path where not given.

    Returns:
        One row for each cell, in order of its keys: `PULocationID`, `DOLocationID` (int16), `hour`
        (int8, 0..23), `holdout` (bool), `trips`, `seconds`, `seconds_squared` (int64: a square is
        at most 3600², so the sums hold 7e11 trips before they could overflow).

    Raises:
        UnusableMonthError: the file cannot be used, or no trip of it is kept.
    """
    second = pl.col("pickup") // MICROSECONDS
    zones = pl.col("PULocationID") * ZONE_LIMIT + pl.col("DOLocationID")
    hour = (second // 3600 % 24).cast(pl.Int32)
    held_out = ((second + second // 60) % HOLDOUT_EVERY == 0).cast(pl.Int32)
    packed = (
        read_trips(path, name)
        .filter(is_kept())
        .select(key=(zones * HOURS + hour) * 2 + held_out, seconds=seconds())
        .group_by("key")
        .agg(
            trips=pl.len().cast(pl.Int64),
            seconds=pl.col("seconds").sum(),
            seconds_squared=(pl.col("seconds") * pl.col("seconds")).sum(),
        )
    )
    try:
        cells = packed.collect(engine="streaming").sort("key")
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnusableMonthError(
            f"`{name or path}` is damaged inside; remove it and download it again."
        ) from error
    if cells.is_empty():
        raise UnusableMonthError(
            f"No trip in `{name or path}` takes 1 to 60 minutes between known zones; "
            "choose another month."
        )
    return _unpack(cells)


def add(months: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the cells of all months together, exactly, whatever their number and order."""
    sums = [pl.col(column).sum() for column in SUMS]
    return pl.concat(months).group_by(KEYS).agg(sums).sort(KEYS)


def _unpack(cells: pl.DataFrame) -> pl.DataFrame:
    """Return the cells with their packed `key` spread over the four key columns."""
    zones = pl.col("key") // (2 * HOURS)
    return cells.select(
        (zones // ZONE_LIMIT).cast(pl.Int16).alias("PULocationID"),
        (zones % ZONE_LIMIT).cast(pl.Int16).alias("DOLocationID"),
        (pl.col("key") // 2 % HOURS).cast(pl.Int8).alias("hour"),
        (pl.col("key") % 2 == 1).alias("holdout"),
        *SUMS,
    )
