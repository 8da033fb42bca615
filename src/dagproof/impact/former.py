"""What files said before a change, as far as git knows it."""

import os
import posixpath
from pathlib import Path
from typing import Final

from dagproof.changes.git import Refusal, ask

_MOST: Final = 300
"""Files that git is asked for: each takes milliseconds."""


class Former:
    """Gives files as they were.

    Args:
        top: the folder of the repository.
        commit: what is compared with; empty where none is known.
    """

    def __init__(self, top: str, commit: str) -> None:
        self._top = top
        self._commit = commit
        self._known: dict[str, bytes | None] = {}

    def read(self, path: str) -> bytes | None:
        """Return the bytes that a file had; None where nobody knows.

        Args:
            path: absolute, of then.
        """
        if path not in self._known:
            asks = bool(self._commit) and len(self._known) < _MOST
            self._known[path] = self._ask(path) if asks else None
        return self._known[path]

    def _ask(self, path: str) -> bytes | None:
        inside = posixpath.relpath(path, self._top)
        try:
            return os.fsencode(ask(Path(self._top), "show", f"{self._commit}:./{inside}"))
        except Refusal:
            return None
