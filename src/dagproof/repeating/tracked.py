"""What differs between the MLflow runs of two snapshots; they are matched by what they say."""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from dagproof.model import LoggedRun, StateDifference
from dagproof.repeating.made_up import pattern
from dagproof.repeating.words import Moments, counted, quoted

NOISE: Final = 1e-9
"""Relative difference of two metrics that are the same."""

_DURATION: Final = re.compile(
    r"(?:^|[^a-z])(?:seconds|secs|milliseconds|ms|elapsed|wall_?time|runtime"
    r"|(?:fit|train|training|score|elapsed|wall_clock)_time)$",
    re.IGNORECASE,
)
_OF_THE_TRY: Final = ("try_number", "attempt", "retry")
"""Ends of tags that say which try it is."""

Change = tuple[str, object, object]
Pair = tuple[LoggedRun, LoggedRun]


def runs(
    first: Sequence[LoggedRun], second: Sequence[LoggedRun], moments: Moments
) -> Iterator[StateDifference]:
    """Yield what differs between the runs of two moments."""
    before, after = _grouped(first), _grouped(second)
    for key in sorted(before.keys() | after.keys()):
        old, now = before.get(key, []), after.get(key, [])
        name = "/".join(key)
        what = f"run `{key[1]}`" if key[1] else "unnamed run"
        experiment = (old or now)[0].experiment
        if len(old) != len(now):
            yield StateDifference(
                "mlflow-run", name,
                f"MLflow experiment `{experiment}` has "
                + moments.counted(_number(len(old), key[1]), str(len(now))),
                more=len(now) > len(old),
            )  # fmt: skip
        told: set[str] = set()
        for one, other in _pairs(old, now):
            for field, was, value in _changes(one, other):
                if field not in told:
                    told.add(field)
                    message = (
                        f"{field} of MLflow {what} in experiment `{experiment}` "
                        f"{moments.changed(was, value)}"
                    )
                    yield StateDifference("mlflow-run", name, message, field)


def changes(old: Mapping[str, object], now: Mapping[str, object]) -> Iterator[Change]:
    """Yield the keys whose values differ, with both; tags that count tries do not."""
    for key in sorted(old.keys() | now.keys()):
        was, value = old.get(key), now.get(key)
        if was != value and not key.lower().endswith(_OF_THE_TRY):
            yield key, was, value


def _number(number: int, name: str) -> str:
    if not name:
        return counted(number, "unnamed run")
    return f"{counted(number, 'run')} `{name}`"


def _grouped(found: Sequence[LoggedRun]) -> dict[tuple[str, str], list[LoggedRun]]:
    groups: dict[tuple[str, str], list[LoggedRun]] = {}
    for run in found:
        groups.setdefault((pattern(run.experiment), run.name), []).append(run)
    return groups


def _pairs(old: Sequence[LoggedRun], now: Sequence[LoggedRun]) -> Iterator[Pair]:
    """Yield runs that belong together: the same one, else those that say most of the same.

    One more or one less is paired with the last one that it may have been instead.
    """
    if not old or not now:
        return
    left = {run.run_id: run for run in now}
    unmatched = []
    for run in old:
        same = left.pop(run.run_id, None)
        if same is None:
            unmatched.append(run)
        else:
            yield run, same
    for run in unmatched:
        best = min(left.values(), key=lambda other: _distance(run, other), default=None)
        if best is not None:
            del left[best.run_id]
        yield run, best or now[-1]
    for run in left.values():
        yield min(reversed(old), key=lambda other: _distance(other, run)), run


def _distance(one: LoggedRun, other: LoggedRun) -> int:
    return sum(1 for _ in _changes(one, other))


def _changes(old: LoggedRun, now: LoggedRun) -> Iterator[Change]:
    if old.status != now.status:
        yield "the status", old.status, now.status
    for key, was, value in changes(old.params, now.params):
        yield f"parameter `{key}`", was, value
    for key in sorted(old.metrics.keys() | now.metrics.keys()):
        number, other = old.metrics.get(key), now.metrics.get(key)
        if not _same(number, other) and not _is_duration(key):
            yield f"metric `{key}`", number, other
    for key, was, value in changes(old.tags, now.tags):
        yield f"tag `{key}`", was, value
    for key, was, value in changes(old.datasets, now.datasets):
        yield f"the digest of dataset `{key}`", was, value
    paths = old.artifacts.keys() | now.artifacts.keys()
    for path in sorted(paths):
        before, after = old.artifacts.get(path), now.artifacts.get(path)
        if before is None or after is None:
            there = "missing" if before is None else "there"
            yield f"artifact `{path}`", there, "there" if before is None else "missing"
        elif before != after:
            yield f"the digest of artifact `{path}`", before[:12], after[:12]


def _same(one: float | None, other: float | None) -> bool:
    if one is None or other is None:
        return one is other
    if math.isnan(one) and math.isnan(other):
        return True
    return math.isclose(one, other, rel_tol=NOISE)


def _is_duration(key: str) -> bool:
    """Say whether a metric is of the clock or of the machine, by its name."""
    return key.startswith("system/") or _DURATION.search(key) is not None


__all__ = ["NOISE", "changes", "quoted", "runs"]
