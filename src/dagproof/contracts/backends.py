"""What every XCom backend must keep; each function raises AssertionError where one does not."""

import contextlib
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from dagproof.airflow_compat import xcoms
from dagproof.airflow_compat.xcoms import Trip, round_trip
from dagproof.contracts.loss import shown
from dagproof.contracts.losses import compare, diff
from dagproof.contracts.trying import smallest

FALSY: Final[tuple[object, ...]] = (None, False, 0, 0.0, "", [], {})
KEYS: Final = ("ключ", "鍵", "a/b", "a b", "..", "%2e", "return_value.json", "x" * 200)

_APART: Final = (
    {"key": "other"},
    {"task_id": "other"},
    {"run_id": "other"},
    {"dag_id": "other"},
    {"map_index": 0},
)
_UNCARRIED: Final = (object(), lambda: None, {"inside": object()}, float("nan"))


def json_values() -> SearchStrategy[Any]:
    """Return a strategy for what JSON can hold and Postgres keeps."""
    texts = st.text(alphabet="ab01 _-.é名\U0001f600'\"\\\n/", max_size=12)
    integers = st.integers(-(2**63), 2**63 - 1)
    floats = st.floats(allow_nan=False, allow_infinity=False)
    leaves = st.one_of(st.none(), st.booleans(), integers, floats, texts)
    return st.recursive(
        leaves,
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
        max_leaves=12,
    )


def two_values(values: SearchStrategy[Any] | None) -> tuple[Any, Any]:
    """Return two different values that a backend carries, its own kind where it has one."""
    plain = ({"first": [1, 2]}, {"second": [3]})
    if values is None:
        return plain
    drawn: list[Any] = []

    def take(value: Any) -> list[tuple[str, Any]]:
        drawn.append(value)
        return []

    smallest(values, take, tries=30)
    first = drawn[0] if drawn else plain[0]
    others = (one for one in drawn if compare(first, one).losses)
    return first, next(others, plain[1])


def all_come_back(backend: Any, values: SearchStrategy[Any], examples: int) -> None:
    """Check that all values come back; the smallest one that does not is told."""

    def faults(value: Any) -> list[tuple[str, str]]:
        wrong = _wrong(value, round_trip(value, backend_class=backend))
        return [("loss", wrong)] if wrong else []

    found = smallest(values, faults, tries=examples)
    if found:
        raise AssertionError(f"{_name(backend)}: {found['loss']}")


def comes_back(backend: Any, value: object, key: str = "return_value") -> None:
    """Check that a value comes back."""
    wrong = _wrong(value, round_trip(value, key=key, backend_class=backend))
    if wrong:
        raise AssertionError(f"{_name(backend)}, key {key!r}: {wrong}")


def stay_apart(backend: Any, values: tuple[Any, Any]) -> None:
    """Check that values of other places do not overwrite each other."""
    for other in _APART:
        with _stored(backend) as stored:
            first = stored(values[0], {})
            second = stored(values[1], other)
            for text, value in ((first, values[0]), (second, values[1])):
                _check(backend, value, text, f"beside one with another {next(iter(other))}")


def second_wins(backend: Any, values: tuple[Any, Any]) -> None:
    """Check that a value that is pushed again replaces the first one."""
    with _stored(backend) as stored:
        stored(values[0], {})
        _check(backend, values[1], stored(values[1], {}), "pushed again by the same task")


def can_be_purged(backend: Any, value: object) -> None:
    """Check that a value can be purged, and once more when it is gone."""
    with _stored(backend) as stored:
        text = stored(value, {})
        for times in ("once", "twice"):
            try:
                backend.purge(xcoms.as_stored(text))
            except Exception as error:
                why = f"{type(error).__name__}: {error}"
                raise AssertionError(
                    f"{_name(backend)}: purging {shown(value)} {times} raises {why}"
                ) from error


def purged_alone(backend: Any, value: object) -> None:
    """Check that purging a value leaves the same value in every other place."""
    for other in _APART:
        with _stored(backend) as stored:
            first, second = stored(value, {}), stored(value, other)
            with contextlib.suppress(Exception):
                backend.purge(xcoms.as_stored(first))
            when = f"after the one with another {next(iter(other))} was purged"
            _check(backend, value, second, when)


def refused_at_push(backend: Any) -> None:
    """Check that what cannot be carried is refused when it is pushed."""
    for value in _UNCARRIED:
        trip = round_trip(value, backend_class=backend)
        if trip.failure is not None and trip.failure.stage == "pull":
            raise AssertionError(
                f"{_name(backend)}: {shown(value)} can be pushed and not be read back: "
                f"{trip.failure.words}"
            )


@contextlib.contextmanager
def _stored(backend: Any) -> Iterator[Any]:
    """Yield what pushes a value and returns its JSON; all are purged afterwards."""
    texts: list[bytes] = []

    def store(value: object, place: Mapping[str, Any]) -> bytes:
        texts.append(xcoms.push(value, place, backend))
        return texts[-1]

    try:
        yield store
    finally:
        for text in texts:
            with contextlib.suppress(Exception):
                backend.purge(xcoms.as_stored(text))


def _check(backend: Any, value: object, text: bytes, when: str) -> None:
    try:
        pulled = xcoms.pull(text, "return_value", backend)
    except Exception as error:
        raise AssertionError(
            f"{_name(backend)}: {shown(value)} cannot be read back {when}: "
            f"{type(error).__name__}: {error}"
        ) from error
    wrong = _wrong(value, Trip(pulled, read_back=True))
    if wrong:
        raise AssertionError(f"{_name(backend)}, {when}: {wrong}")


def _wrong(value: object, trip: Trip) -> str:
    """Return what is wrong with a trip; empty for nothing."""
    if trip.failure is not None:
        return f"{shown(value)} fails ({trip.failure.stage}): {trip.failure.words}"
    if not trip.read_back:
        return ""
    comparison = compare(value, trip.pulled)
    if not comparison.losses:
        return ""
    return f"{shown(value)} does not come back as it was:\n{diff(comparison)}"


def _name(backend: Any) -> str:
    return str(getattr(backend, "__name__", backend))
