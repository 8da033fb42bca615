"""Compares dates, times and decimals with what came of them."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final

from dagproof.contracts.loss import Loss, Pair, class_loss, shown

_UTC: Final = frozenset({"UTC", "Etc/UTC", "Z", "UTC+00:00", "GMT", "Etc/GMT"})


def knows(value: object) -> bool:
    """Say whether this module compares such a value."""
    return isinstance(value, date | time | timedelta | Decimal)


def look(pair: Pair) -> Iterator[Loss]:
    """Yield what a moment or a decimal lost."""
    pushed, pulled = pair.pushed, pair.pulled
    if pushed is pulled:
        return
    if type(pushed) is not type(pulled):
        yield class_loss(pair)
    elif isinstance(pushed, datetime):
        yield from _datetime(pair)
    elif pushed != pulled and not _both_nan(pushed, pulled):
        yield Loss(pair.path, "value", shown(pushed), shown(pulled))


def _both_nan(pushed: object, pulled: object) -> bool:
    return bool(pushed != pushed and pulled != pulled)  # noqa: PLR0124 - NaN is not itself


def _datetime(pair: Pair) -> Iterator[Loss]:
    before, after = zone(pair.pushed), zone(pair.pulled)
    if before != after:
        pushed, pulled = (_with_zone(one) for one in (pair.pushed, pair.pulled))
        yield Loss(pair.path, "timezone", pushed, pulled)
    elif _reading(pair.pushed) != _reading(pair.pulled):
        yield Loss(pair.path, "value", pair.pushed.isoformat(), pair.pulled.isoformat())


def _reading(moment: datetime) -> tuple[datetime, timedelta | None]:
    """Return what can be compared: `==` is never true of hours that a zone has twice."""
    return moment.replace(tzinfo=None, fold=0), moment.utcoffset()


def zone(moment: datetime) -> str:
    """Return the name of a zone, `UTC` for all its names, an offset where it has none."""
    zone: tzinfo | None = moment.tzinfo
    if zone is None:
        return ""
    name = getattr(zone, "key", None) or getattr(zone, "zone", None) or getattr(zone, "name", None)
    offset: Any = moment.utcoffset()
    if (name or str(zone)) in _UTC or (not name and offset == timedelta()):
        return "UTC"
    return str(name) if isinstance(name, str) else str(offset)


def _with_zone(moment: datetime) -> str:
    name = zone(moment) or "no zone"
    return f"{moment.isoformat()} ({'UTC' if moment.tzinfo is UTC else name})"
