"""Looks a month over before anything is learned from it."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

import polars as pl

from mlops import storage
from taxi.download import sha256_of
from taxi.errors import UnusableMonthError
from taxi.schema import LONGEST, MICROSECONDS, NEEDED, SHORTEST, is_kept, read_trips


def validate_month(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Count what is wrong with a month, and refuse one that nothing can be learned from.

    Args:
        raw: what `download_month` returned.

    Returns:
        `raw` and, each a number of trips: `rows`, `kept`, `not_positive` (duration of 0 or less),
        `too_short` (above 0, below 1 minute), `too_long` (above 60 minutes), `stray` (pickup not in
        that month), `split_seconds` (times finer than a second, whose durations are rounded down),
        `nulls` by needed column. A stray trip is kept: the published rule looks at durations only.

    Raises:
        UnusableMonthError: a needed column is missing, the file is empty, no trip is kept.
        mlops.storage.StorageError: the file is gone, or is another one than was downloaded.
    """
    uri = raw["uri"]
    with storage.local_copy(uri) as path:
        if sha256_of(path) != raw["sha256"]:
            raise storage.StorageError(
                f"{uri} has changed since it was downloaded; clear the task `download`."
            )
        counts = read_trips(path, uri).select(*_counts(int(raw["year"]), int(raw["month"])))
        try:
            found = counts.collect(engine="streaming").row(0, named=True)
        except (pl.exceptions.PolarsError, OSError) as error:
            raise UnusableMonthError(
                f"`{uri}` is damaged inside; remove it and download it again."
            ) from error
    if not found["rows"]:
        raise UnusableMonthError(f"`{uri}` holds no trip at all; choose another month.")
    if not found["kept"]:
        raise UnusableMonthError(
            f"No trip in `{uri}` takes 1 to 60 minutes between known zones; choose another month."
        )
    nulls = {column: found.pop(f"null_{column}") for column in NEEDED}
    return {**raw, **found, "nulls": nulls}


def _counts(year: int, month: int) -> list[pl.Expr]:
    """Return one sum for each fault; a null counts as no fault but its own."""
    first = dt.datetime(year, month, 1, tzinfo=dt.UTC)
    following = dt.datetime(year + month // 12, month % 12 + 1, 1, tzinfo=dt.UTC)
    begin, end = (int(day.timestamp()) * MICROSECONDS for day in (first, following))
    microseconds = pl.col("dropoff") - pl.col("pickup")
    faults = {
        "kept": is_kept(),
        "not_positive": microseconds <= 0,
        "too_short": (microseconds > 0) & (microseconds < SHORTEST * MICROSECONDS),
        "too_long": microseconds > LONGEST * MICROSECONDS,
        "stray": (pl.col("pickup") < begin) | (pl.col("pickup") >= end),
        "split_seconds": microseconds % MICROSECONDS != 0,
        **{f"null_{column}": pl.col(column).is_null() for column in NEEDED},
    }
    return [pl.len().alias("rows"), *(fault.sum().alias(name) for name, fault in faults.items())]
