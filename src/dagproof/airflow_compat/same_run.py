"""Makes `dag.test()` run the same DAG run again, as it is run again where somebody clears it."""

import contextlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from unittest import mock


@contextlib.contextmanager
def run_after(moment: datetime) -> Iterator[None]:
    """Give all runs of the block one `run_after`, of which Airflow makes the run's id.

    A run with the same logical date as an earlier one then takes its place, under the same id.
    What is lost is the count of tries, which goes on where a run is really cleared.
    """
    from airflow.sdk import DAG

    test = DAG.test

    def pinned(dag: Any, *arguments: Any, **options: Any) -> Any:
        return test(dag, *arguments, **{"run_after": moment, **options})

    with mock.patch.object(DAG, "test", pinned):
        yield
