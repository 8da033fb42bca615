"""What a difference can do to a DAG that is in use: how bad, and what goes wrong."""

import re
from typing import Final, NamedTuple

from dagproof.model import Severity

_PART: Final = re.compile(r"([\d.]+(?:e[+-]?\d+)?)([dhms])")
_SECONDS: Final = {"d": 86400.0, "h": 3600.0, "m": 60.0, "s": 1.0}


class Harm(NamedTuple):
    """How bad a difference is, and what can go wrong in a deployment: one sentence, or nothing."""

    severity: Severity
    text: str = ""


NONE: Final = Harm(Severity.NOTE)
"""Of a difference that does no harm."""


def error(text: str) -> Harm:
    """Return harm that is certain in a deployment that uses what has changed."""
    return Harm(Severity.ERROR, text)


def warning(text: str) -> Harm:
    """Return harm that depends on the deployment or on the tasks."""
    return Harm(Severity.WARNING, text)


def remark(text: str) -> Harm:
    """Return what is good to know and does no harm by itself."""
    return Harm(Severity.NOTE, text)


def number(text: str) -> float | None:
    """Return the number or the seconds that a text says; None where it says neither."""
    try:
        return float(text)
    except ValueError:
        parts = _PART.findall(text)
        if not parts or " ".join(f"{size}{unit}" for size, unit in parts) != text:
            return None
        return sum(float(size) * _SECONDS[unit] for size, unit in parts)


def rises(before: str, after: str) -> bool | None:
    """Say whether a limit is higher than before; one that is not there is the highest.

    Returns:
        None where the texts are no numbers.
    """
    one, other = (number(text) if text else float("inf") for text in (before, after))
    return None if one is None or other is None else other > one
