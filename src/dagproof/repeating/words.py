"""The words for what differs between two moments."""

from dataclasses import dataclass

from dagproof.reporters.words import count

_LONGEST = 80


@dataclass(frozen=True, slots=True)
class Moments:
    """What two snapshots are called.

    Attributes:
        first: such as `after one run`.
        second: such as `after two`.
    """

    first: str
    second: str

    def changed(self, before: object, after: object) -> str:
        """Return the end of a sentence that says how a value changed."""
        return f"is {quoted(before)} {self.first} and {quoted(after)} {self.second}"

    def counted(self, before: str, after: str) -> str:
        """Return the end of a sentence that says how a number changed."""
        return f"{before} {self.first} and {after} {self.second}"


TWO_RUNS = Moments("after one run", "after two")
RETRIED = Moments("after one run", "after one with retries")
AGAIN = Moments("after one run", "after another from clean state")


def quoted(value: object) -> str:
    """Return a value as code, cut where it is long."""
    text = " ".join(str(value).split()) if value is not None else ""
    if value is None:
        return "missing"
    if isinstance(value, float):
        text = f"{value:.12g}"
    text = text.replace("`", "'")
    return f"`{text if len(text) <= _LONGEST else f'{text[: _LONGEST - 1]}…'}`"


def listed(names: list[str]) -> str:
    """Return names as code, joined: `1`, `2` and `3`."""
    *most, last = [quoted(name) for name in names] or ["none"]
    return f"{', '.join(most)} and {last}" if most else last


def counted(number: int, word: str) -> str:
    """Return a number with its noun."""
    return count(number, word)
