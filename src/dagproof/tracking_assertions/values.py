"""Whether a logged value is what was expected of it, and how both are shown."""

import math
import sys
from collections.abc import Callable, Mapping
from typing import Any, Final

_CUT: Final = 6000  # MLflow cuts longer params and tags
_LONGEST: Final = 120
_BEFORE: Final = 30  # characters shown of what is the same before a difference
_PLAIN: Final = (str, int, float, bool, type(None), list, tuple, dict, set)

Judge = Callable[[Any, Any], str | None]
"""Returns None where the second value is as the first wants it, else a note, mostly empty."""


def judge_text(expected: Any, logged: str) -> str | None:
    """Judge a param or a tag, which MLflow stores as `str()` gives it.

    Args:
        expected: `...` for any, a predicate, or a value.
        logged: as MLflow returns it.
    """
    if expected is ...:
        return None
    if _is_predicate(expected):
        return _asked(expected, logged)
    if str(expected)[:_CUT] == logged[:_CUT]:
        return None
    return "" if isinstance(expected, _PLAIN) else _equal_number(expected, logged)


def judge_number(expected: Any, logged: float) -> str | None:
    """Judge a metric.

    Args:
        expected: `...` for any, a predicate, a pair of bounds of which either may be None, or what
            equals the value, such as `pytest.approx`. NaN is NaN.
        logged: as MLflow returns it; an SQL store has the largest float for infinity.
    """
    if expected is ...:
        return None
    value = math.copysign(math.inf, logged) if abs(logged) == sys.float_info.max else logged
    if _is_predicate(expected):
        return _asked(expected, value)
    if _is_range(expected):
        low, high = expected
        inside = (low is None or low <= value) and (high is None or value <= high)
        return None if inside else ""
    if isinstance(expected, float) and math.isnan(expected):
        return None if math.isnan(value) else ""
    return None if bool(expected == value) or bool(expected == logged) else ""


def shown(expected: Any) -> str:
    """Return how an expected value reads in a message."""
    if expected is ...:
        return "any"
    if _is_predicate(expected):
        return f"a value for which `{getattr(expected, '__name__', repr(expected))}` holds"
    return text(expected)


def shown_number(expected: Any) -> str:
    """Return how an expected metric reads in a message."""
    if not _is_range(expected):
        return shown(expected)
    low, high = expected
    if low is None:
        return f"at most {high}"
    return f"at least {low}" if high is None else f"from {low} to {high}"


def number(logged: float) -> str:
    """Return a metric as it was logged: MLflow makes whole numbers of them floats."""
    if abs(logged) == sys.float_info.max:
        return "inf" if logged > 0 else "-inf"
    whole = math.isfinite(logged) and logged == int(logged) and abs(logged) < 1e15  # noqa: PLR2004 - floats are exact below it
    return str(int(logged)) if whole else repr(float(logged))


def text(value: Any) -> str:
    """Return a value on one line, in quotes where its ends could not be seen without."""
    words = str(value)
    plain = words == words.strip() and words.isprintable() and words
    return words if plain else repr(words)


def side_by_side(expected: str, logged: str) -> tuple[str, str]:
    """Shorten two texts to where they differ."""
    if max(len(expected), len(logged)) <= _LONGEST:
        return expected, logged
    pairs = zip(expected, logged, strict=False)
    at = next((at for at, (one, other) in enumerate(pairs) if one != other), None)
    at = min(len(expected), len(logged)) if at is None else at
    start = max(0, at - _BEFORE)
    return _window(expected, start), _window(logged, start)


def _window(words: str, start: int) -> str:
    end = start + _LONGEST
    return f"{'…' if start else ''}{words[start:end]}{'…' if end < len(words) else ''}"


def _is_predicate(expected: Any) -> bool:
    return callable(expected) and not isinstance(expected, Mapping)


def _is_range(expected: Any) -> bool:
    return isinstance(expected, tuple) and len(expected) == 2  # noqa: PLR2004 - low, high


def _asked(predicate: Callable[[Any], Any], logged: Any) -> str | None:
    try:
        return None if predicate(logged) else ""
    except Exception as error:  # noqa: BLE001 - it is the test's own code, and is told
        return f"it raised {type(error).__name__}: {error}"


def _equal_number(expected: Any, logged: str) -> str | None:
    """Compare with what knows how it is equal, such as `pytest.approx`."""
    try:
        return None if expected == float(logged) else ""
    except ValueError:
        return ""
