"""The words that name rules: a code, the beginning of one, a slug, or ALL."""

import difflib
import re
from collections.abc import Iterable, Sequence
from typing import Any, Final

from dagproof.model import Rule, UsageError

ALL: Final = "ALL"
BEGINNING: Final = re.compile(r"DP\d{0,3}")
CUTOFF: Final = 0.6


def names(word: str, code: str, slug: str) -> bool:
    """Say whether a word names a rule."""
    return word in {ALL, slug} or (BEGINNING.fullmatch(word) is not None and code.startswith(word))


def precision(word: str) -> int:
    """Return how narrow a word is; a slug is as narrow as a whole code."""
    if word == ALL:
        return 0
    return len(word) if BEGINNING.fullmatch(word) else len("DP101")


def nearest(word: str, rules: Iterable[Rule[Any]]) -> str | None:
    """Return the code or slug that looks most like a word, if one does."""
    known = [name for rule in rules for name in (rule.code, rule.slug)]
    best = max(known, key=lambda name: _likeness(word, name), default="")
    return best if _likeness(word, best)[0] >= CUTOFF else None


def _likeness(word: str, name: str) -> tuple[float, int]:
    """Return how alike two names are, and how many characters stand in the same place."""
    one, other = word.lower(), name.lower()
    alike = difflib.SequenceMatcher(None, one, other).ratio()
    return alike, sum(here == there for here, there in zip(one, other, strict=False))


def refuse_unknown(words: Iterable[str], rules: Sequence[Rule[Any]], *, where: str) -> None:
    """Refuse words that name no rule.

    Args:
        words: codes, beginnings of codes, slugs, ALL.
        rules: all that there are.
        where: the option or key that the words come from.

    Raises:
        UsageError: a word names no rule; the nearest name is offered.
    """
    for word in words:
        if not any(names(word, rule.code, rule.slug) for rule in rules):
            near = nearest(word, rules)
            offer = f"did you mean `{near}`?" if near else "`dagproof rule` lists them all."
            raise UsageError(f"{where}: there is no rule `{word}`; {offer}")
