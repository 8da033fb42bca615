"""Words that several formats share."""

import re
from typing import Final

from dagproof.model import Finding, Related

_IN_IES: Final = re.compile("[^aeiou]y$")


def count(number: int, noun: str) -> str:
    """Return a number with its noun, such as `1 file`, `2 files` and `2 tries`."""
    if number == 1:
        return f"{number:,} {noun}"
    several = f"{noun[:-1]}ies" if _IN_IES.search(noun) else f"{noun}s"
    return f"{number:,} {several}"


def sentence(text: str) -> str:
    """Return the text with a full stop, unless it ends like a sentence."""
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def codes(finding: Finding) -> str:
    """Return all codes that a finding is known by, such as `DP102+DP202`."""
    return "+".join((finding.code, *finding.also))


def is_step(related: Related) -> bool:
    """Say whether a place is a step on the way to a finding, and not only explains it."""
    return related.message.endswith(("called here", "imported here"))
