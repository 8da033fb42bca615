"""Brings a month of trips to DATA_ROOT: once, whole, and with its checksum beside it."""

import fcntl
import hashlib
import logging
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from mlops import storage
from taxi import source
from taxi.errors import UnusableMonthError

_log = logging.getLogger(__name__)


def download_month(colour: str, year: int, month: int) -> dict[str, Any]:
    """Fetch a month unless it is there already, and say where it is.

    The file appears at `DATA_ROOT/taxi/raw/<colour>/<year>-<month>.parquet`, whole or not at all,
    with `<year>-<month>.parquet.json` beside it (source, version, sha256, bytes). It is fetched
    again when it does not have that checksum, or when the source says that it has another file now.

    Returns:
        `colour`, `year`, `month`, `uri`, `source`, `sha256`, `bytes`.

    Raises:
        UnusableMonthError: the source has no such month, or what it has is no whole parquet file.
        DownloadError: the source did not deliver this time.
        mlops.storage.StorageError: DATA_ROOT is full, read-only or does not answer.
    """
    address = source.address_of(colour, year, month)
    uri = storage.uri("taxi", "raw", colour, f"{year}-{month:02d}.parquet")
    version = source.version_of(address)
    facts = _stored(uri, address, version)
    if facts is None:
        facts = _fetch(address, uri) | {"source": address, "version": version}
        storage.write_json(f"{uri}.json", facts)
    else:
        _log.info("%s has the right checksum and is not fetched again.", uri)
    stored = {name: facts[name] for name in ("source", "sha256", "bytes")}
    return {"colour": colour, "year": year, "month": month, "uri": uri, **stored}


def sha256_of(path: Path) -> str:
    """Return the SHA-256 of a file in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _stored(uri: str, address: str, version: str | None) -> dict[str, Any] | None:
    """Return the facts of a month that is there already, from the same source and undamaged."""
    if not (storage.exists(uri) and storage.exists(f"{uri}.json")):
        return None
    with suppress(storage.StorageError):  # one that cannot be read is fetched again
        facts = storage.read_json(f"{uri}.json")
        if not isinstance(facts, dict) or facts.get("source") != address:
            return None
        if version is not None and facts.get("version") != version:
            return None
        with storage.local_copy(uri) as path:
            if facts.get("sha256") == sha256_of(path):
                return facts
    return None


def _fetch(address: str, uri: str) -> dict[str, Any]:
    """Fetch into a scratch file, look whether it is whole, and publish it."""
    with _partial(address) as partial:
        try:
            source.fetch(address, partial)
        except OSError as error:
            raise storage.StorageError(
                f"{partial} cannot be written ({error.strerror}); free space there, or set TMPDIR."
            ) from error
        _check(address, partial)
        facts = {"sha256": sha256_of(partial), "bytes": partial.stat().st_size}
        with storage.publish(uri) as path:
            shutil.copyfile(partial, path)
        _drop(partial)
    return facts


def _check(address: str, partial: Path) -> None:
    """Refuse what is no parquet file, or lacks its end, and forget it."""
    try:
        pq.read_metadata(partial)
    except (pa.ArrowException, OSError) as error:
        _drop(partial)
        raise UnusableMonthError(
            f"{address} is no whole parquet file; mend it there, or set TAXI_SOURCE."
        ) from error


@contextmanager
def _partial(address: str) -> Iterator[Path]:
    """Yield where an address is collected; tries find one another's, two at once never meet."""
    try:
        folder = Path(tempfile.gettempdir()) / f"taxi-downloads-{os.getuid()}"
        folder.mkdir(mode=0o700, exist_ok=True)
        lock = (folder / f"{hashlib.sha256(address.encode()).hexdigest()[:24]}.lock").open("w")
    except OSError as error:
        raise storage.StorageError(
            f"No scratch folder can be made in {tempfile.gettempdir()} ({error.strerror}); "
            "free space there, or set TMPDIR."
        ) from error
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            with tempfile.TemporaryDirectory(dir=folder) as own:
                yield Path(own) / "month.part"
        else:
            yield Path(lock.name).with_suffix(".part")


def _drop(partial: Path) -> None:
    for path in (partial, partial.with_suffix(".origin")):
        path.unlink(missing_ok=True)
