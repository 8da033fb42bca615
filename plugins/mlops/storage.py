"""Reads and writes data by reference under one DATA_ROOT, on this machine or in an object store.

`file://` goes by the operating system (`local_files`), every other scheme by `object_store`.
Whatever goes wrong in either is a StorageError.
"""

import errno
import hashlib
import json
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mlops import environment, local_files, object_store

_LOCAL = "file://"
_FULL = {errno.ENOSPC, errno.EDQUOT}
_NOT_WRITABLE = {*_FULL, errno.EROFS, errno.EFBIG, errno.EIO}
_LONGEST_NAME = 120


class StorageError(Exception):
    """Data cannot be reached; one sentence that names the address and what to do."""


def uri(*parts: str) -> str:
    """Return the address `DATA_ROOT/part/part`.

    Raises:
        StorageError: a part is empty, or would lead out of DATA_ROOT.
    """
    for part in parts:
        if not part or part.startswith("/") or ".." in part.split("/"):
            raise StorageError(f"`{part}` cannot be part of an address; name a file or a folder.")
    try:
        root = environment.data_root()
    except environment.EnvironmentFileError as error:
        raise StorageError(f"{error} Or set DATA_ROOT.") from error
    return "/".join((root, *parts))


def safe(part: str) -> str:
    """Make any text (a run id, say) one portable file name; different texts stay different."""
    plain = re.sub(r"[^A-Za-z0-9._-]", "_", part).lstrip(".")[:_LONGEST_NAME]
    if plain == part and part:
        return part
    return f"{plain}-{hashlib.sha256(part.encode()).hexdigest()[:8]}"


def exists(uri: str) -> bool:
    """Say whether a file is there.

    Raises:
        StorageError: nobody can say, because the store does not answer.
    """
    path = local_path(uri)
    with refusing(uri, "cannot be looked up"):
        return object_store.exists(uri) if path is None else path.is_file()


def modified(uri: str) -> float | None:
    """Return when a file was last written, in seconds since 1970; None where there is none.

    Raises:
        StorageError: nobody can say, because the store does not answer or keeps no such time.
    """
    path = local_path(uri)
    with refusing(uri, "cannot be looked up"):
        if path is None:
            return object_store.modified(uri)
        return path.stat().st_mtime if path.is_file() else None


@contextmanager
def local_copy(uri: str) -> Iterator[Path]:
    """Yield a local file with the content of `uri`: itself, or a scratch copy removed afterwards.

    Raises:
        StorageError: there is no such file, or the store does not answer.
    """
    if (path := local_path(uri)) is not None:
        with refusing(uri, "cannot be read"):
            found = path.is_file()
        if not found:
            raise StorageError(f"{uri} does not exist; run the task that writes it again.")
        yield path
        return
    with _scratch_of(uri) as copy:
        with refusing(uri, "cannot be read"):
            try:
                object_store.download(uri, copy)
            except FileNotFoundError as error:
                raise StorageError(
                    f"{uri} does not exist; run the task that writes it again, or check DATA_ROOT."
                ) from error
        yield copy


@contextmanager
def publish(uri: str) -> Iterator[Path]:
    """Yield a scratch file to write; when the block ends well, it appears whole at `uri`.

    On an error nothing becomes visible, what was there before stays, and the scratch is removed.

    Raises:
        StorageError: the place is full, read-only or does not answer.
    """
    target = local_path(uri)
    with _scratch_of(uri) if target is None else _scratch_beside(uri, target) as scratch:
        try:
            yield scratch
        except Exception as error:
            if _is_of_the_place(error, scratch):
                raise _refused(uri, "cannot be written", error) from error
            raise
        if not scratch.is_file():
            raise StorageError(
                f"Nothing was written for {uri}; write to the path that publish yields."
            )
        with refusing(uri, "cannot be written"):
            if target is None:
                object_store.upload(scratch, uri)
            else:
                local_files.appear(scratch, target)


def read_json(uri: str) -> Any:
    """Read a JSON document.

    Raises:
        StorageError: it is not there, or is no JSON.
    """
    with local_copy(uri) as path:
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise _refused(uri, "is no JSON document", error) from error


def write_json(uri: str, value: object) -> str:
    """Write a JSON document, whole or not at all, and return its address.

    Raises:
        StorageError: the place is full, read-only or does not answer.
        ValueError: the value holds NaN or an infinity.
        TypeError: the value is not made of JSON types.
    """
    text = json.dumps(value, indent=2, sort_keys=True, allow_nan=False, ensure_ascii=False)
    with publish(uri) as path:
        path.write_text(text + "\n", encoding="utf-8")
    return uri


def remove(uri: str) -> None:
    """Remove a file; one that is not there is no error.

    Raises:
        StorageError: the store refuses or does not answer.
    """
    path = local_path(uri)
    with refusing(uri, "cannot be removed"):
        if path is None:
            object_store.remove(uri)
        else:
            path.unlink(missing_ok=True)


def local_path(uri: str) -> Path | None:
    """Return where a file of this machine is, or None for an object of a store.

    Raises:
        StorageError: it is no address.
    """
    if uri.startswith(_LOCAL):
        return Path(unquote(uri.removeprefix(_LOCAL)))
    if "://" in uri:
        return None
    raise StorageError(f"`{uri}` is no address; write file:///folder/file or s3://bucket/key.")


@contextmanager
def _scratch_of(uri: str) -> Iterator[Path]:
    """Yield a path that ends like the address, in a folder removed afterwards."""
    try:
        folder = Path(tempfile.mkdtemp(prefix="mlops-"))
    except OSError as error:
        raise StorageError(
            f"No scratch folder can be made in {tempfile.gettempdir()} ({_reason(error)});"
            " free space there, or set TMPDIR."
        ) from error
    try:
        yield folder / uri.rsplit("/", 1)[-1]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _scratch_beside(uri: str, target: Path) -> Iterator[Path]:
    """Yield a path on the target's own disk, removed afterwards."""
    with refusing(uri, "cannot be written"):
        scratch = local_files.scratch_beside(target)
    try:
        yield scratch
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


@contextmanager
def refusing(uri: str, problem: str) -> Iterator[None]:
    """Make whatever goes wrong in the block a StorageError.

    Args:
        uri: what the block reaches.
        problem: what it then is, as in `cannot be read`.

    Raises:
        StorageError: naming both, the reason, and what to do.
    """
    try:
        yield
    except StorageError:
        raise
    except Exception as error:  # each store has exceptions of its own
        raise _refused(uri, problem, error) from error


def _is_of_the_place(error: Exception, scratch: Path) -> bool:
    """Say whether a writer failed because the place is full or read-only."""
    if isinstance(error, OSError):
        return error.errno in _NOT_WRITABLE or str(error.filename) == str(scratch)
    # Polars and Arrow have exceptions of their own.
    return "No space left" in str(error) and not isinstance(error, StorageError)


def _refused(uri: str, problem: str, error: Exception) -> StorageError:
    if isinstance(error, OSError) and error.errno in _FULL:
        advice = "free space there, or set DATA_ROOT to another place"
    elif uri.startswith(_LOCAL):
        advice = "make it writable, or set DATA_ROOT to another place"
    else:
        advice = "check that the store runs, AWS_ENDPOINT_URL and the credentials"
    return StorageError(f"{uri} {problem} ({_reason(error)}); {advice}.")


def _reason(error: BaseException) -> str:
    if type(error).__name__ == "FSTimeoutError":
        return "it did not answer in time"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()).rstrip(".") or type(error).__name__
