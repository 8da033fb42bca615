"""DAG ids that several files have: Airflow refuses all but the first."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from dagproof.model import Ending, ImportFailure, ImportTrace, Span

DUPLICATED: Final = "AirflowDagDuplicatedIdException"
"""What Airflow calls it."""


def with_duplicates(traces: Sequence[ImportTrace]) -> tuple[ImportTrace, ...]:
    """Add an error to each trace whose DAG an earlier file has already.

    Args:
        traces: in order of path.
    """
    first: dict[str, str] = {}
    told = []
    for trace in traces:
        taken = [] if trace.skipped else [one for one in trace.dag_ids if one in first]
        for dag_id in () if trace.skipped else trace.dag_ids:
            first.setdefault(dag_id, trace.path)
        told.append(_refused(trace, taken, first) if taken else trace)
    return tuple(told)


def _refused(trace: ImportTrace, taken: Sequence[str], first: dict[str, str]) -> ImportTrace:
    errors = []
    for dag_id in taken:
        message = f"Ignoring DAG {dag_id} from {trace.path} - also found in {first[dag_id]}"
        span = trace.spans.get(dag_id, Span(trace.path, 1, 1, 1, 1))
        errors.append(ImportFailure(DUPLICATED, message, f"{DUPLICATED}: {message}", span))
    return replace(
        trace,
        ending=Ending.FAILED,
        dag_ids=tuple(one for one in trace.dag_ids if one not in taken),
        errors=(*trace.errors, *errors),
    )
