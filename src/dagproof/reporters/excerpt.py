"""A source line with what is meant underlined, cut to the width of a terminal."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import Final

from dagproof.model import Span
from dagproof.reporters.characters import cells, visible

_WIDTH: Final = 100
"""Cells that a source line may take."""

_BEFORE: Final = 30
"""Cells of it that the part before the carets may take where the rest needs more."""

_BLANKS: Final = {0: "\u034f", 1: " ", 2: "\u3000"}
"""Blanks by their cells. One stands below each character, so that the carets keep their place
where `plain` makes one character of each."""

_CUT: Final = "…"
_BLANK_CUT: Final = "\u2002"


def underlined(line: str, span: Span) -> tuple[str, str]:
    """Return a source line that a terminal can show, and the line of carets to set below it.

    Args:
        line: the source line that the span begins on, without its end of line.
        span: what is underlined; to the end of the line where it ends on a later one.
    """
    at = min(span.column - 1, len(line))
    until = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    before = _pieces(line[max(0, at - _WIDTH) : at])
    after = _pieces(line[at : at + _WIDTH])
    room = max(_BEFORE, _WIDTH - cells("".join(after)))
    before = before[len(before) - _fitting(reversed(before), room) :]
    after = after[: _fitting(after, _WIDTH - cells("".join(before)))]
    cut = len(before) < at
    ends = _CUT if at + len(after) < len(line) else ""
    shown = f"{_CUT * cut}{''.join((*before, *after))}{ends}"
    blank = "".join(_BLANKS[cells(character)] for character in "".join(before))
    carets = "^" * max(1, cells("".join(after[: max(0, until - at)])))
    return shown, f"{_BLANK_CUT * cut}{blank}{carets}"


def _pieces(text: str) -> list[str]:
    """Return what is shown of each character."""
    return ["    " if character == "\t" else visible(character) for character in text]


def _fitting(pieces: Iterable[str], room: int) -> int:
    """Return how many of the pieces, from the first on, fit into so many cells."""
    return bisect_right(list(accumulate(map(cells, pieces))), room)
