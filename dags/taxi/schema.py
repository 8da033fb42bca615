"""Reads the four needed columns of a trip file, whatever that month called and typed them."""

from pathlib import Path
from typing import Final

import polars as pl

from taxi.errors import UnusableMonthError

ZONE_LIMIT: Final = 1024  # ids are 1..265 today; a larger id is no taxi zone
SHORTEST: Final = 60  # seconds; the published rule keeps 1 <= duration <= 60 minutes
LONGEST: Final = 3600
MICROSECONDS: Final = 1_000_000

NEEDED: Final = {
    "pickup": ("lpep_pickup_datetime", "tpep_pickup_datetime", "pickup_datetime"),
    "dropoff": ("lpep_dropoff_datetime", "tpep_dropoff_datetime", "dropoff_datetime"),
    "PULocationID": ("PULocationID",),
    "DOLocationID": ("DOLocationID",),
}


def read_trips(path: Path, name: str = "") -> pl.LazyFrame:
    """Return the trips of a file, lazily, under the same names and types for every month.

    Args:
        path: a TLC parquet file of any month since zones were published, green or yellow.
        name: what messages call the file; its path where not given.

    Returns:
        Columns `pickup` and `dropoff` (int64, microseconds of the city's own clock since 1970) and
        `PULocationID`, `DOLocationID` (int32); null where the file holds nothing usable.

    Raises:
        UnusableMonthError: not a parquet file, a needed column is missing or of a wrong type.
    """
    name = name or str(path)
    try:
        trips = pl.scan_parquet(path, glob=False)
        schema = trips.collect_schema()
    except (pl.exceptions.PolarsError, OSError) as error:
        raise UnusableMonthError(
            f"`{name}` is not a readable parquet file; remove it and download it again."
        ) from error
    return trips.select(
        _instant(schema, "pickup", name),
        _instant(schema, "dropoff", name),
        _zone(schema, "PULocationID", name),
        _zone(schema, "DOLocationID", name),
    )


def seconds() -> pl.Expr:
    """Return the duration in whole seconds (int64), which is how the TLC publishes it."""
    return (pl.col("dropoff") - pl.col("pickup")) // MICROSECONDS


def is_kept() -> pl.Expr:
    """Return the published rule: 1 <= duration <= 60 minutes, both zones known."""
    microseconds = pl.col("dropoff") - pl.col("pickup")
    return (
        microseconds.is_between(SHORTEST * MICROSECONDS, LONGEST * MICROSECONDS)
        & pl.col("PULocationID").is_between(0, ZONE_LIMIT - 1)
        & pl.col("DOLocationID").is_between(0, ZONE_LIMIT - 1)
    )


def _column(schema: pl.Schema, meaning: str, name: str) -> str:
    """Return what this file calls a needed column, in its own upper and lower case."""
    spelled = {column.lower(): column for column in schema}
    for known in NEEDED[meaning]:
        if known.lower() in spelled:
            return spelled[known.lower()]
    wanted = " or ".join(f"`{known}`" for known in NEEDED[meaning])
    raise UnusableMonthError(
        f"`{name}` has no column {wanted}; check that it is a TLC trip file with taxi zones."
    )


def _instant(schema: pl.Schema, meaning: str, name: str) -> pl.Expr:
    """Return a time column as microseconds since 1970 on the city's own clock."""
    column = _column(schema, meaning, name)
    dtype = schema[column]
    if not isinstance(dtype, pl.Datetime):
        raise UnusableMonthError(
            f"Column `{column}` of `{name}` is {dtype}, not a timestamp; "
            "take the parquet file that the TLC publishes."
        )
    instant = pl.col(column)
    if dtype.time_zone:
        instant = instant.dt.replace_time_zone(None)
    if dtype.time_unit != "us":
        instant = instant.dt.cast_time_unit("us")
    return instant.to_physical().alias(meaning)


def _zone(schema: pl.Schema, meaning: str, name: str) -> pl.Expr:
    """Return a zone column as int32; what is no number becomes null."""
    column = _column(schema, meaning, name)
    dtype = schema[column]
    if not (dtype.is_numeric() or isinstance(dtype, pl.String)):
        raise UnusableMonthError(
            f"Column `{column}` of `{name}` is {dtype}, not a zone number; "
            "take the parquet file that the TLC publishes."
        )
    return pl.col(column).cast(pl.Int32, strict=False).alias(meaning)
