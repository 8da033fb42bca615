"""Keeps records from one run to the next, and knows which of them still hold."""

import os
import pickle
import sys
import tempfile
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from dagproof.model.cache import is_ours
from dagproof.rules.reader import Record, digest
from dagproof.source.modules import Finder


def key(parts: Iterable[object]) -> str:
    """Return what tells apart runs whose records differ: our own code, and what the parts say."""
    code = [(entry.stat().st_mtime_ns, entry.stat().st_size, path) for path, entry in _code()]
    return repr((sorted(code), sys.version_info[:2], [str(part) for part in parts]))


def _code() -> Iterator[tuple[str, os.DirEntry[str]]]:
    package = Path(__file__).parent.parent
    for folder in ("model", "rules", "rules/tables", "source"):
        with os.scandir(package / folder) as entries:
            yield from ((entry.path, entry) for entry in entries if entry.name.endswith(".py"))


def load(file: Path, key: str) -> dict[Path, Record]:
    """Return the records of a file; none where it is missing, damaged or of another key.

    Args:
        file: in the user's own cache folder; one that others may write is not looked at.
        key: what else the records depend on: version, settings, folders.
    """
    if not is_ours(file):
        return {}
    try:
        kept_key, records = pickle.loads(file.read_bytes())  # noqa: S301 - the file is our own
    except Exception:  # noqa: BLE001 - a damaged pickle may raise anything, and costs no more
        return {}
    return records if kept_key == key else {}


def save(file: Path, key: str, records: Mapping[Path, Record]) -> None:
    """Write records in one step; a folder that cannot be written to is left alone."""
    with suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=file.parent)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(pickle.dumps((key, dict(records)), protocol=5))
            Path(name).replace(file)
        except BaseException:
            Path(name).unlink()
            raise


def holding(
    records: Mapping[Path, Record],
    finder: Finder,
    read: Callable[[Path], bytes],
    entries: Collection[Path],
) -> dict[Path, Record]:
    """Return the records that would be the same if their files were read again.

    A record holds while its file, and every module that it imports, has the bytes that it had, and
    while the modules that it asks for are where they were.
    """
    fresh = {
        path
        for path, record in records.items()
        if record.imported is (path not in entries) and _same(path, record, finder, read)
    }
    used_by: dict[Path, list[Path]] = {}
    for path, record in records.items():
        for child, _ in record.imports:
            used_by.setdefault(child, []).append(path)
    stale = [path for path in {*records, *used_by} if path not in fresh]
    while stale:
        for user in used_by.get(stale.pop(), ()):
            if user in fresh:
                fresh.discard(user)
                stale.append(user)
    return {path: records[path] for path in fresh}


def _same(path: Path, record: Record, finder: Finder, read: Callable[[Path], bytes]) -> bool:
    try:
        if digest(read(path)) != record.digest:
            return False
    except OSError:
        return False
    for (asker, name), places in record.lookups.items():
        if name.startswith("."):
            place = finder.child(asker, name[1:])
            if places != ((place,) if place else ()):
                return False
        elif name.startswith("~"):
            if finder.anywhere(asker, name[1:]) != places:
                return False
        elif finder.find(asker, name) != places:
            return False
    return True
