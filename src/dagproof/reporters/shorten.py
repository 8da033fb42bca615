"""Cuts long texts to what a reader takes in, before anything slow is done with them."""

from typing import Final

from dagproof.reporters.characters import visible, visible_lines
from dagproof.reporters.words import count

MESSAGE: Final = 600
"""Characters of a sentence that are shown."""

_LINE: Final = 400
_HEAD: Final = 20
_TAIL: Final = 60
_CHARACTERS: Final = 20_000
"""Characters at either end of a text in which lines are looked for."""


def one_line(text: str, most: int = MESSAGE) -> str:
    """Return the text on one line, visible, and with an ellipsis where it is longer than that."""
    # An escape makes at most ten characters of one, and nothing makes fewer.
    shown = visible(text[: most + 1])
    return shown if len(shown) <= most else f"{shown[: most - 1]}…"


def some_lines(text: str, head: int = _HEAD, tail: int = _TAIL) -> list[str]:
    """Return the first and the last lines of a text, visible, and how many are left out between.

    Args:
        text: of any length.
        head: lines from its beginning.
        tail: lines from its end, where a traceback says what happened.
    """
    if len(text) <= 2 * _CHARACTERS:
        lines = visible_lines(text)
        if len(lines) <= head + tail:
            return [_cut(line) for line in lines]
        left_out = len(lines) - head - tail
        first, last = lines[:head], lines[len(lines) - tail :]
    else:
        first = visible_lines(text[:_CHARACTERS])[:head]
        last = visible_lines(text[-_CHARACTERS:])[-tail:] if tail else []
        left_out = max(1, text.count("\n") + 1 - len(first) - len(last))
    return [*map(_cut, first), f"… {count(left_out, 'more line')} …", *map(_cut, last)]


def _cut(line: str) -> str:
    return line if len(line) <= _LINE else f"{line[: _LINE - 1]}…"
