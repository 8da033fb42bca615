"""What a person calls the commit that a change is compared with."""

import re
from typing import Final

from dagproof.model import Comparison
from dagproof.reporters.characters import visible

_NO_NAME: Final = re.compile(r"[0-9a-f]{7,64}|HEAD\b.*")
"""What git takes for a commit, and nobody knows it by."""


def base(comparison: Comparison) -> str:
    """Return the branch or tag by which a commit was asked for, else its id and what it is.

    Args:
        comparison: with a commit that is known.
    """
    if comparison.asked and not _NO_NAME.fullmatch(comparison.asked):
        return visible(comparison.asked)
    who = comparison.how if comparison.how != "`--base`" else ""
    short = visible(comparison.short or comparison.asked)
    return f"{short} ({visible(who)})" if who else short
