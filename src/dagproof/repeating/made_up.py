"""Names that look made up: random ids, counters and moments in them do not count."""

import re
from collections.abc import Collection
from typing import Final

_MADE_UP: Final = re.compile(
    r"""(?<![0-9A-Za-z])
        (?: [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}  # a UUID
        | (?=[0-9a-f]*[0-9])[0-9a-f]{6,}
        | (?=[0-9A-Za-z]*[0-9])(?=[0-9A-Za-z]*[A-Za-z])[0-9A-Za-z_]{8,}  # a file name of tempfile's
        | \d{4}-?\d{2}-?\d{2}[T_ -]?\d{2}[:-]?\d{2}(?:[:-]?\d{2}(?:[.,]\d+)?)?  # a moment
          (?:Z|[+-]\d{2}:?\d{2})?
        | \d+ )
        (?![0-9A-Za-z])""",
    re.VERBOSE,
)


def pattern(name: str) -> str:
    """Return a name with a star for each part that looks made up.

    It groups what is there only before or only after; names that stay are compared as they are.
    """
    return _MADE_UP.sub("*", name)


def likeness(names: Collection[str]) -> str:
    """Return what names with one pattern have in common, with a star for each part that differs."""
    texts = _MADE_UP.split(next(iter(names)))
    parts = zip(*(_MADE_UP.findall(name) for name in names), strict=True)
    stars = [part[0] if len(set(part)) == 1 else "*" for part in parts]
    return "".join(text + star for text, star in zip(texts, [*stars, ""], strict=True))
