"""One cluster for the tests that run DAGs on it, and a year of generated months for its workers."""

import os
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from fixtures.tlc import FILE, source_of, write_month
from integration.cluster.rest import Rest

from dagproof.cluster import Plan, held

ROOT = Path(__file__).resolve().parents[3]
ROWS = 4_000


@pytest.fixture(scope="session")
def year_of_months(tmp_path_factory):
    """A TAXI_SOURCE of generated months: all of 2023 green, three of them yellow."""
    folder = tmp_path_factory.mktemp("year")
    for colour, months in (("green", range(1, 13)), ("yellow", range(1, 4))):
        for month in months:
            name = FILE.format(colour=colour, year=2023, month=month)
            write_month(folder / name, colour=colour, month=month, rows=ROWS)
    return source_of(folder)


@pytest.fixture(scope="session")
def clusters(tmp_path_factory, year_of_months):
    """Give a function that holds a cluster of this repository, beside the one that it may have."""

    @contextmanager
    def hold(root=ROOT, folder=None, **options):
        env = {
            "TAXI_SOURCE": year_of_months,
            # Nothing but what the tests trigger, although they let the DAGs run.
            "AIRFLOW__SCHEDULER__USE_JOB_SCHEDULE": "False",
            **options.pop("env", {}),
        }
        folder = folder or tmp_path_factory.mktemp("cluster") / "it"
        with held(Plan(root, folder, env=env, **options), print) as record:
            yield record

    return hold


@pytest.fixture
def cluster(clusters):
    """Give the API of a cluster with two workers, which takes a fifth of a processor at rest."""
    with clusters() as record:
        print(f"healthy after {record.seconds:.1f} s")
        yield Rest(record)


@pytest.fixture
def left_of():
    """Give a function that lists what still runs of a cluster, by its folder."""
    from dagproof.cluster.leftovers import of_cluster

    def find(folder, patience=5.0):
        deadline = time.monotonic() + patience
        while (found := [pid for pid in of_cluster(folder) if _runs(pid)]) and (
            time.monotonic() < deadline
        ):
            time.sleep(0.05)
        return {pid: _command(pid) for pid in found}

    return find


def _runs(pid):
    try:
        return b"\nState:\tZ" not in Path(f"/proc/{pid}/status").read_bytes()
    except OSError:
        return False


def _command(pid):
    try:
        return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" "))
    except OSError:
        return ""
