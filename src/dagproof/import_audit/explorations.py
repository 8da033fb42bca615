"""Puts together what the explorer said of a file, also where its process did not live that long."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from dagproof.import_audit.orders import Job, Outcome
from dagproof.import_audit.places import Sources
from dagproof.model import ImportTrace, Span

_MOST_ENDS: Final = 3
"""What may end the process of one file before the rest of it is given up."""


@dataclass(frozen=True, slots=True)
class Ended:
    """What the explorer was at when its process ended.

    Attributes:
        begun: what it said that it begins.
        how: `timeout`, or how the process ended.
    """

    begun: tuple[str, ...]
    how: str


@dataclass(frozen=True, slots=True)
class Exploration:
    """What the explorer said of one file.

    Attributes:
        path: absolute.
        trace: what was seen of the import.
        records: what the explorer said, in order.
        ended: what ended its process, each time.
        complete: whether it came to its end.
        tasks: where each task is made, by ids of DAG and task.
    """

    path: str
    trace: ImportTrace
    records: Sequence[Mapping[str, Any]]
    ended: Sequence[Ended]
    complete: bool
    tasks: Mapping[tuple[str, str], Span] = field(default_factory=dict)


def further_exploration(outcome: Outcome, ended: list[Ended]) -> Job | None:
    """Return the job that goes on without what ended the process; None where nothing is left.

    Args:
        outcome: of the exploration.
        ended: what ended it before; what did this time is added.
    """
    if not outcome.ending or not outcome.result:
        return None
    begun = next((one["begun"] for one in outcome.explored[::-1] if "begun" in one), None)
    if begun is None:
        return None
    ended.append(Ended(tuple(begun), outcome.ending))
    if len(ended) > _MOST_ENDS:
        return None
    return replace(outcome.job, skipped=tuple(one.begun for one in ended))


def exploration_of(
    outcome: Outcome, trace: ImportTrace, ended: Sequence[Ended], sources: Sources
) -> Exploration:
    """Return what was said of a file by the process that got furthest."""
    return Exploration(
        path=outcome.job.path,
        trace=trace,
        records=tuple(one for one in outcome.explored if "begun" not in one),
        ended=tuple(ended),
        complete=not outcome.ending,
        tasks={
            (dag_id, task_id): sources.span(places[-1])
            for dag_id, task_id, places in outcome.result.get("tasks", ())
            if places
        },
    )
