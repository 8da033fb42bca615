"""What a terminal makes of a text: nothing that it would obey, and how many cells it takes."""

import unicodedata
from typing import Final

_OBEYED: Final = {"Cc", "Cf", "Cs", "Zl", "Zp"}
"""Categories of control characters, of invisible ones that reorder a line, and of line breaks."""

_NO_CHARACTERS: Final = "\ufffe\uffff"
"""What XML refuses beyond these."""

_TAB: Final = 4
"""Cells from one tab stop to the next."""


def visible(text: str) -> str:
    """Return the text on one line, with what a terminal would obey written as Python escapes."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def visible_lines(text: str) -> list[str]:
    """Return the lines of a text, each visible, without the empty ones around it."""
    lines = text.strip("\r\n").rstrip().splitlines()
    return [visible(line.expandtabs(_TAB)) for line in lines]


def _visible(character: str) -> str:
    if unicodedata.category(character) in _OBEYED or character in _NO_CHARACTERS:
        return character.encode("unicode_escape").decode("ascii")
    return character


def cells(text: str) -> int:
    """Return how many cells of a terminal a visible text takes."""
    return len(text) if text.isascii() else sum(map(_cells, text))


def _cells(character: str) -> int:
    combines = unicodedata.category(character) in {"Mn", "Me"}
    if combines or "\u1160" <= character <= "\u11ff":  # the later parts of a Korean syllable
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1
