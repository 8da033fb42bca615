"""Says of source text that it may change a library, so that nobody else is to import after it."""

import re
from pathlib import Path
from typing import Final

_IMPORT: Final = re.compile(
    r"^\s*(?:from\s+[\w.]+\s+)?import\s+(\([^)]*\)|(?:\\\n|.)+)", re.MULTILINE
)
_NAME: Final = re.compile(r"\w+")
_ASSIGNED: Final = re.compile(r"^\s*(\w+)(?:\.\w+)*\.\w+\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
_WORDS: Final = ("setattr(", "patch(", "patch.", "__dict__", "vars(", "builtins")


class Patches:
    """Reads each file once."""

    def __init__(self) -> None:
        self._known: dict[str, bool] = {}

    def may_be_in(self, path: str) -> bool:
        """Say whether a file assigns to attributes of what it imports, as far as its text tells."""
        known = self._known.get(path)
        if known is None:
            try:
                text = Path(path).read_text(encoding="utf-8", errors="replace")
            except OSError:
                text = "setattr("  # gone, or in an archive
            known = self._known[path] = _may_patch(text)
        return known


def _may_patch(text: str) -> bool:
    if any(word in text for word in _WORDS):
        return True
    assigned = set(_ASSIGNED.findall(text))
    if not assigned:
        return False
    return any(assigned & set(_NAME.findall(names)) for names in _IMPORT.findall(text))
