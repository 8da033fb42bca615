"""What one part of a value lost, and the words that show it."""

import re
import reprlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

_LONGEST: Final = 100
_ADDRESS: Final = re.compile(r" at 0x[0-9a-f]{6,}")


@dataclass(frozen=True, slots=True)
class Loss:
    """What one part of a value lost.

    Attributes:
        path: the part, such as `[0].rates["7"]` as it came; empty for the value itself.
        kind: `key`, `collapsed-key`, `class`, `value`, `length`, `item`, `field`, `timezone`,
            `imaginary`, `dtype`, `index`, `columns`, `shape`, `format` or `entries`.
        pushed: what it was, in a few words.
        pulled: what came.
    """

    path: str
    kind: str
    pushed: str
    pulled: str


@dataclass(frozen=True, slots=True)
class Pair:
    """A part as it was pushed and as it came."""

    path: str
    pushed: Any
    pulled: Any


Compare = Callable[[Pair], Iterator[Loss | Pair]]


class _Short(reprlib.Repr):
    """Shows values in a line, whatever their own `repr` does."""

    def __init__(self) -> None:
        super().__init__()
        self.maxlevel, self.maxstring, self.maxother = 4, 60, _LONGEST
        self.maxdict = self.maxlist = self.maxtuple = self.maxset = 6

    def repr_instance(self, x: Any, level: int) -> str:
        try:
            return " ".join(super().repr_instance(x, level).split())
        except Exception:  # noqa: BLE001 - it is the user's
            return f"<{type(x).__name__}>"


_SHORT: Final = _Short()


def shown(value: object) -> str:
    """Return a value in one short line."""
    text = _ADDRESS.sub("", _SHORT.repr(value))
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def key_text(key: object) -> str:
    """Return a key as it stands in brackets: texts in double quotes."""
    text = shown(key)
    if isinstance(key, str) and '"' not in text:
        return f'"{text[1:-1]}"'
    return text


def class_loss(pair: Pair) -> Loss:
    """Return the loss of a class, with the values where they tell it apart."""
    pushed, pulled = shown(pair.pushed), shown(pair.pulled)
    one, other = type(pair.pushed).__name__, type(pair.pulled).__name__
    return Loss(pair.path, "class", f"{pushed} ({one})", f"{pulled} ({other})")
