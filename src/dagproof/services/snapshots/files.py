"""The files below a data root that is a folder."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dagproof.model import Stored
from dagproof.services.snapshots.digests import Digests

MOST: Final = 20_000
"""Files that are looked at."""


def below(root: Path, digests: Digests, cut: list[str]) -> list[Stored]:
    """Return the files below a folder; a sentence goes to `cut` for what is not looked at."""
    found: list[Stored] = []
    for path in _walk(root):
        if len(found) == MOST:
            cut.append(f"Of `{root}` only {MOST} files were compared.")
            break
        try:
            told = path.stat()
            key = (str(path), told.st_ino, told.st_size, told.st_mtime_ns)
            digest = digests.digest(key, told.st_size, "", path.read_bytes)
        except OSError:  # it went away, or is not ours to read
            continue
        name = digests.plain(path.relative_to(root).as_posix())
        found.append(Stored(f"file:{name}", told.st_size, digest))
    return found


def _walk(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = Path(folder, name)
            if path.is_file():
                yield path
