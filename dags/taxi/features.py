"""Turns a month of trips into what the models learn from: zone pairs by XCom, cells by address."""

from collections.abc import Mapping
from typing import Any

from mlops import storage
from taxi.cells import SUMS, reduce_month
from taxi.pairs import ZonePairs


def build_month_features(month: Mapping[str, Any]) -> dict[str, Any]:
    """Reduce a month and write its cells.

    The zone pairs are sparse matrices, which travel by the XCom backend; the cells, which both
    validation and the boosted model need, travel by their address. That carries the checksum of
    the month, so that runs on different data never share a file.

    Args:
        month: what `validate_month` returned.

    Returns:
        `colour`, `year`, `month`, `source`, `sha256`, `kept`, `cells` (address of a parquet file)
        and `trips`, `seconds`, `seconds_squared` (csr_matrix, see `ZonePairs`).

    Raises:
        UnusableMonthError: the file cannot be used.
        mlops.storage.StorageError: DATA_ROOT is full, read-only or does not answer.
    """
    with storage.local_copy(month["uri"]) as path:
        cells = reduce_month(path, month["uri"])
    name = f"{month['year']}-{month['month']:02d}-{month['sha256'][:12]}.parquet"
    uri = storage.uri("taxi", "cells", month["colour"], name)
    with storage.publish(uri) as path:
        cells.write_parquet(path)
    pairs = ZonePairs.of(cells)
    known = {key: month[key] for key in ("colour", "year", "month", "source", "sha256")}
    sums = {name: getattr(pairs, name) for name in SUMS}
    return {**known, "kept": int(cells["trips"].sum()), "cells": uri, **sums}
