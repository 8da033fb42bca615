"""Digests of bytes in which ids that MLflow made up do not count."""

import hashlib
import re
from collections.abc import Callable, Collection, Hashable
from typing import Final

SMALL: Final = 256 * 1024
"""Bytes up to which content is looked through for ids."""

ID: Final = "*"
_SHAPE: Final = re.compile(r"(?<![0-9a-f])(?:m-)?[0-9a-f]{32}(?![0-9a-f])")
"""Of the ids of MLflow's runs and logged models."""


class Digests:
    """Knows the ids, and what it has seen already."""

    def __init__(self) -> None:
        self._ids: set[str] = set()
        self._known: dict[Hashable, str] = {}

    def learn(self, ids: Collection[str]) -> None:
        """Know more ids from now on."""
        self._ids.update(ids)

    def plain(self, text: str) -> str:
        """Return a text without the ids."""
        return _SHAPE.sub(self._star, text) if self._ids else text

    def _star(self, found: re.Match[str]) -> str:
        return ID if found[0] in self._ids else found[0]

    def digest(self, key: Hashable, size: int, known: str, read: Callable[[], bytes]) -> str:
        """Return a digest of some bytes.

        Args:
            key: names these bytes and no others.
            size: how many they are.
            known: a digest that costs nothing; empty where there is none.
            read: gives the bytes.
        """
        if known and (not self._ids or size > SMALL):
            return known
        if key not in self._known:
            data = read()
            if size <= SMALL:
                data, whole = self.plain(data.decode("latin-1")).encode("latin-1"), data
                same = data == whole
            else:
                same = True
            self._known[key] = known if known and same else hashlib.sha256(data).hexdigest()
        return self._known[key]
