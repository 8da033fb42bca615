"""Says what is wrong with a cron expression, as far as croniter would refuse it too."""

import re
from typing import Final

_PRESETS: Final = frozenset({
    "@once", "@continuous", "@hourly", "@daily", "@midnight", "@weekly", "@monthly", "@quarterly",
    "@yearly", "@annually",
})  # fmt: skip
_DAYS: Final = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")
_MONTHS: Final = (
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
)  # fmt: skip
_FIELDS: Final = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of the month", 1, 31),
    ("month", 1, 12),
    ("day of the week", 0, 7),
    ("second", 0, 59),
    ("year", 1970, 2099),
)
_WORDS: Final = {"month": _MONTHS, "day of the week": _DAYS}
_PART: Final = re.compile(r"(\*|[a-z]{3}|\d+)(?:-([a-z]{3}|\d+))?(?:/(\d+))?")
_EXTENSION: Final = re.compile(r"[lwhr#?()]")
_LEAST: Final = 5


def problem(expression: str) -> str | None:
    """Return what is wrong with a schedule, as the end of a sentence; None if nothing is."""
    text = expression.strip().lower()
    if text in _PRESETS:
        return None
    if text.startswith("@"):
        return "Airflow has no such preset"
    fields = text.split()
    if not _LEAST <= len(fields) <= len(_FIELDS):
        count = f"{len(fields)} field{'' if len(fields) == 1 else 's'}"
        return f"it has {count}, a cron expression has {_LEAST}"
    for field, (name, least, most) in zip(fields, _FIELDS, strict=False):
        if _is_wrong(field, name, least, most):
            return f"`{field}` is no {name}"
    return None


def _is_wrong(field: str, name: str, least: int, most: int) -> bool:
    words = _WORDS.get(name, ())
    for item in field.split(","):
        found = _PART.fullmatch(item)
        if found is None:
            plain = item
            for word in words:
                plain = plain.replace(word, "")
            if not _EXTENSION.search(plain):
                return True
            continue
        for end in (found[1], found[2]):
            if end is None or end == "*" or end in words:
                continue
            if not end.isdigit() or not least <= int(end) <= most:
                return True
        if found[3] is not None and int(found[3]) == 0:
            return True
    return False
