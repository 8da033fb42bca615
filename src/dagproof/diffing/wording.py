"""The words in which a difference is told."""

from collections.abc import Sequence
from typing import Final

from dagproof.diffing.harm import Harm
from dagproof.model import ShapeChange
from dagproof.reporters.words import count

_SHORT: Final = 60
"""Characters of a value that a sentence has room for."""

_NAMED: Final = 3


def change(where: str, before: str, after: str, message: str, harm: Harm) -> ShapeChange:
    """Return a difference with the harm that it does."""
    return ShapeChange(where, before, after, message, harm.severity, harm.text)


def told_change(where: str, subject: str, before: str, after: str, harm: Harm) -> ShapeChange:
    """Return a difference between two values, told as one sentence.

    Args:
        where: the place.
        subject: what has the value, such as `` `retries` of `load` ``.
        before: empty where there was no value.
        after: empty where there is none.
        harm: that it does.
    """
    return change(where, before, after, sentence(subject, before, after), harm)


def sentence(subject: str, before: str, after: str) -> str:
    """Return what has become of a value, without a full stop."""
    short = len(before) <= _SHORT and len(after) <= _SHORT and "\n" not in before + after
    if not before:
        return f"{subject} is `{after}` now" if short else f"{subject} is set now"
    if not after:
        return f"{subject} is gone: it was `{before}`" if short else f"{subject} is gone"
    if not short or "`" in before + after:
        return f"{subject} has changed"
    return f"{subject} is `{after}`, and was `{before}`"


def listed(names: Sequence[str]) -> str:
    """Return the first few of some names, in code, and how many more there are."""
    told = ", ".join(f"`{name}`" for name in names[:_NAMED])
    more = len(names) - _NAMED
    return f"{told} and {count(more, 'other')}" if more > 0 else told
