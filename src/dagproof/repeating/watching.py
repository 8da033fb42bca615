"""Looks at the services after each attempt of a run, to know which task changed what."""

import contextlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dagproof.model import Attempt, DagproofError, Snapshot, StateDifference
from dagproof.repeating.comparison import compare
from dagproof.repeating.exceptions import without
from dagproof.repeating.words import TWO_RUNS
from dagproof.services.snapshots import Observer


@dataclass(frozen=True, slots=True)
class Step:
    """What an attempt found, and what it left."""

    attempt: Attempt
    before: Snapshot
    after: Snapshot


class Watch:
    """Stands around attempts and takes a snapshot after each, for as long as there is time.

    Args:
        observer: takes the snapshots.
        before: what there is before the first attempt.
        seconds: how much time looking may take.
    """

    def __init__(self, observer: Observer, before: Snapshot, seconds: float) -> None:
        self.steps: list[Step] = []
        self.complete = True
        self._observer = observer
        self._last = before
        self._left = seconds

    @contextlib.contextmanager
    def __call__(self, attempt: Attempt) -> Iterator[None]:
        """Be around one attempt."""
        yield
        if self._left <= 0:
            self.complete = False
            return
        started = time.monotonic()
        with contextlib.suppress(DagproofError):  # the end of the run tells
            now = self._observer.take()
            self.steps.append(Step(attempt, self._last, now))
            self._last = now
        self._left -= time.monotonic() - started


def blamed(
    differences: Sequence[StateDifference], steps: Sequence[Step], globs: Sequence[str]
) -> tuple[StateDifference, ...]:
    """Return differences with the tasks that changed what differs.

    Where retries made the difference, these are the tasks of which several tries of one instance
    changed it, if there are any.

    Args:
        differences: between the ends of two runs.
        steps: of the second of them.
        globs: of what may differ.
    """
    if not differences:
        return ()
    touched: dict[tuple[str, str], list[Attempt]] = {}
    for step in steps:
        left = compare(without(step.before, globs), without(step.after, globs), TWO_RUNS)
        for key in {(one.kind, one.name) for one in left}:
            touched.setdefault(key, []).append(step.attempt)
    return tuple(_blamed(one, touched.get((one.kind, one.name), [])) for one in differences)


def _blamed(one: StateDifference, attempts: Sequence[Attempt]) -> StateDifference:
    if one.tasks:
        return one
    instances = [(attempt.task_id, attempt.map_index) for attempt in attempts]
    again = [instance for instance in instances if instances.count(instance) > 1]
    chosen = again if one.retried and again else instances
    return replace(one, tasks=tuple(dict.fromkeys(task_id for task_id, _ in chosen)))
