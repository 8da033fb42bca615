"""The parts of a page, and which of them stay where there is not room for all."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from dagproof.reporters.words import count

_SENTENCE: Final = 1_000
"""Bytes that the sentence on what was left out may take."""


@dataclass(frozen=True, slots=True)
class Block:
    """A part of a page that stays or goes as a whole.

    Attributes:
        text: Markdown.
        rank: 0 for what must stay; what has the highest number goes first.
        noun: what it is, in the singular, such as `picture`.
    """

    text: str
    rank: int = 0
    noun: str = "part"

    @property
    def size(self) -> int:
        """Bytes that it takes, with the empty line behind it."""
        return len(self.text.encode()) + 2


def page(blocks: Iterable[Block], limit: int, where: str) -> str:
    """Return the blocks as one page, without the least important ones where it is too long.

    Args:
        blocks: in order of reading.
        limit: bytes that the page may take.
        where: what holds everything, for the sentence that says what was left out.
    """
    blocks = [block for block in blocks if block.text]
    kept = _fitting(blocks, limit)
    parts = [block.text for number, block in enumerate(blocks) if number in kept]
    if dropped := [block for number, block in enumerate(blocks) if number not in kept]:
        nouns = Counter(block.noun for block in dropped)
        said = ", ".join(count(number, noun) for noun, number in nouns.items())
        parts.append(f"_Left out, since this page may not be longer: {said}. {where}_")
    return "\n\n".join(parts) + "\n" if parts else ""


def _fitting(blocks: Sequence[Block], limit: int) -> set[int]:
    """Return the positions of the blocks that there is room for, the most important first."""
    if sum(block.size for block in blocks) <= limit:
        return set(range(len(blocks)))
    room = limit - _SENTENCE
    kept = set()
    for number in sorted(range(len(blocks)), key=lambda one: blocks[one].rank):
        if not blocks[number].rank or blocks[number].size <= room:
            kept.add(number)
            room -= blocks[number].size
    return kept
