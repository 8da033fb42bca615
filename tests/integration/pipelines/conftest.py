"""Months for the taxi pipeline: generated ones, and the real ones where they are."""

import os

import pytest
from fixtures.tlc import FILE, real_month, source_of, write_month

ROWS = 20_000


@pytest.fixture(scope="session")
def generated_months(tmp_path_factory):
    """A TAXI_SOURCE of two generated green months, January and February 2023."""
    folder = tmp_path_factory.mktemp("months")
    for month in (1, 2):
        name = FILE.format(colour="green", year=2023, month=month)
        write_month(folder / name, month=month, rows=ROWS)
    return source_of(folder)


@pytest.fixture(scope="session")
def real_months():
    """A TAXI_SOURCE of the months that the TLC published."""
    paths = [real_month(2023, month) for month in (1, 2)]
    if None in paths:
        place = os.environ.get("TAXI_DATA_DIR") or "../shared/taxi"
        pytest.skip(
            f"no green_tripdata_2023-01.parquet and -02 in {place}: set TAXI_DATA_DIR to a folder "
            "that holds them as the TLC publishes them"
        )
    return source_of(paths[0].parent)
