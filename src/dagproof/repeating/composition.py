"""Composes what `dagproof run --twice` asks for: three runs of each DAG, and a report."""

import time
from collections.abc import Callable

from dagproof.app import RunRequest, open_session, options_of, planned
from dagproof.config import Settings
from dagproof.model import Progress, Repetition, Report
from dagproof.repeating.passes import repeat
from dagproof.runner import check_path
from dagproof.services import silent

OnDag = Callable[[str], None]
"""Told the DAG, and which of its runs begins."""


def run_twice(
    settings: Settings,
    request: RunRequest,
    progress: Progress = silent,
    on_dag: OnDag = silent,
) -> Report:
    """Check that the DAGs of a request can be run again, each among services of its own.

    What `services up` keeps is never used: what is there would count as what a DAG has left.

    Raises:
        DagproofError: of any kind; its `exit_code` says which.
    """
    started = time.monotonic()
    found: list[Repetition] = []
    entries = planned(settings, request)
    for entry in entries:
        check_path(entry.dag)
    with open_session(
        settings,
        progress=progress,
        env=request.env,
        fresh=True,
        verbose=request.verbose,
        backend=request.backend,
    ) as session:
        opened = time.monotonic()
        for number, entry in enumerate(entries):
            if number:
                session.reset()

            def on_run(label: str, dag: str = entry.dag) -> None:
                on_dag(f"{dag}: {label}")

            options = options_of(entry, request)
            found.append(repeat(session, entry.dag, options, request.env, on_run=on_run))
    return Report(
        runs=tuple(run for one in found for run in one.runs),
        repetitions=tuple(found),
        seconds=time.monotonic() - started,
        timings={"open": opened - started, "runs": time.monotonic() - opened},
        notes=tuple(dict.fromkeys(note for one in found for note in one.notes)),
    )
