"""Reads and writes data by reference under one DATA_ROOT, on this machine or in an object store.

`file://` goes by the operating system; every other scheme by the filesystem that Airflow's
`ObjectStoragePath` uses, asked for with short timeouts. S3 is reached with the AWS_* environment
variables where they are set, else with the Airflow connection `aws_default`.
"""

import errno
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from pathlib import Path
from typing import Any, NoReturn

from mlops import environment

_LOCAL = "file://"
_NOT_WRITABLE = {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EFBIG, errno.EIO}
_LONGEST_NAME = 120
_AWS = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_DEFAULT_REGION",
    "AIRFLOW_CONN_AWS_DEFAULT",
)
_S3_OPTIONS = {  # seconds: a store that does not answer is given up in less than a minute
    "connect_timeout": 3,
    "read_timeout": 20,
    "retries": {"max_attempts": 2, "mode": "standard"},
}
_UPLOAD_SECONDS = 30.0
_SLOWEST_UPLOAD = 500_000  # bytes a second; what goes slower is given up


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
    if (path := _local(uri)) is not None:
        return path.is_file()
    with _store(uri, "cannot be looked up") as filesystem:
        try:  # `isfile` would answer no where the store does not answer
            return bool(filesystem.info(uri)["type"] == "file")
        except FileNotFoundError:
            return False


@contextmanager
def local_copy(uri: str) -> Iterator[Path]:
    """Yield a local file with the content of `uri`: itself, or a scratch copy removed afterwards.

    Raises:
        StorageError: there is no such file, or the store does not answer.
    """
    if (path := _local(uri)) is not None:
        if not path.is_file():
            raise StorageError(f"{uri} does not exist; run the task that writes it again.")
        yield path
        return
    with _scratch_folder() as folder:
        copy = folder / uri.rsplit("/", 1)[-1]
        with _store(uri, "cannot be read") as filesystem:
            filesystem.get_file(uri, str(copy))
        yield copy


@contextmanager
def publish(uri: str) -> Iterator[Path]:
    """Yield a scratch file to write; when the block ends well, it appears whole at `uri`.

    On an error nothing becomes visible, what was there before stays, and the scratch is removed.

    Raises:
        StorageError: the place is full, read-only or does not answer.
    """
    target = _local(uri)
    if target is None:
        with _scratch_folder() as folder:
            scratch = folder / uri.rsplit("/", 1)[-1]
            with _explained(uri, scratch):
                yield scratch
            _upload(scratch, uri)
        return
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        _sweep(target)
    except OSError as error:
        _refuse(uri, "cannot be written", error)
    scratch = _scratch_beside(target)
    try:
        with _explained(uri, scratch):
            yield scratch
        _appear(scratch, target, uri)
    finally:
        with suppress(OSError):
            scratch.unlink(missing_ok=True)


def read_json(uri: str) -> Any:
    """Read a JSON document.

    Raises:
        StorageError: it is not there, or is no JSON.
    """
    with local_copy(uri) as path:
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            _refuse(uri, "is no JSON document", error)


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
    if (path := _local(uri)) is not None:
        try:
            path.unlink(missing_ok=True)
        except OSError as error:
            _refuse(uri, "cannot be removed", error)
        return
    with _store(uri, "cannot be removed") as filesystem, suppress(FileNotFoundError):
        filesystem.rm_file(uri)


def _local(uri: str) -> Path | None:
    if uri.startswith(_LOCAL):
        return Path(uri.removeprefix(_LOCAL))
    if "://" in uri:
        return None
    raise StorageError(f"`{uri}` is no address; write file:///folder/file or s3://bucket/key.")


@contextmanager
def _store(uri: str, problem: str) -> Iterator[Any]:
    """Yield the filesystem for a question to it, whatever goes wrong becomes a StorageError."""
    try:
        yield _filesystem(uri)
    except Exception as error:  # noqa: BLE001 - each store has exceptions of its own
        _refuse(uri, problem, error)


def _filesystem(uri: str) -> Any:
    """Return Airflow's filesystem for the scheme, one for each set of credentials."""
    scheme = uri.split("://", 1)[0]
    filesystem = _connect(scheme, os.getpid(), *(os.environ.get(name, "") for name in _AWS))
    filesystem.invalidate_cache()  # another task may have written since
    return filesystem


@lru_cache(maxsize=16)
def _connect(scheme: str, *_credentials: object) -> Any:
    try:
        from airflow.sdk.io import get_fs
    except ImportError:  # Airflow 3.0
        from airflow.io import get_fs

    if scheme not in ("s3", "s3a", "s3n"):
        return get_fs(scheme)
    by_environment = any(os.environ.get(name) for name in _AWS if name.startswith("AWS_"))
    filesystem = get_fs(scheme, None if by_environment else "aws_default", dict(_S3_OPTIONS))
    filesystem.retries = 1  # botocore retries already
    return filesystem


def _upload(scratch: Path, uri: str) -> None:
    if not scratch.is_file():
        raise StorageError(f"Nothing was written for {uri}; write to the path that publish yields.")
    with _store(uri, "cannot be written") as filesystem:
        # An upload waits for the server's "100 Continue", which no timeout of the client covers.
        limit = _UPLOAD_SECONDS + scratch.stat().st_size / _SLOWEST_UPLOAD
        patience = {"timeout": limit} if getattr(filesystem, "async_impl", False) else {}
        filesystem.put_file(str(scratch), uri, **patience)


def _scratch_beside(target: Path) -> Path:
    owner = f"{safe(socket.gethostname())}.{os.getpid()}"
    return target.with_name(f".{target.name}.{owner}.{secrets.token_hex(4)}.partial")


def _sweep(target: Path) -> None:
    """Remove what killed processes of this machine left of the same file."""
    host = re.escape(safe(socket.gethostname()))
    pattern = re.compile(rf"\.{re.escape(target.name)}\.{host}\.(\d+)\.[0-9a-f]+\.partial")
    for path in target.parent.iterdir():
        if (found := pattern.fullmatch(path.name)) and not _alive(int(found[1])):
            path.unlink(missing_ok=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True


def _appear(scratch: Path, target: Path, uri: str) -> None:
    if not scratch.is_file():
        raise StorageError(f"Nothing was written for {uri}; write to the path that publish yields.")
    try:
        _sync(scratch)
        scratch.replace(target)
        _sync(target.parent)
    except OSError as error:
        _refuse(uri, "cannot be written", error)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _scratch_folder() -> Iterator[Path]:
    try:
        folder = Path(tempfile.mkdtemp(prefix="mlops-"))
    except OSError as error:
        raise StorageError(
            f"No scratch folder can be made in {tempfile.gettempdir()} ({_reason(error)});"
            " free space there, or set TMPDIR."
        ) from error
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _explained(uri: str, scratch: Path) -> Iterator[None]:
    """Turn what a full or read-only place does to the writer into a StorageError."""
    try:
        yield
    except OSError as error:
        of_ours = error.errno in _NOT_WRITABLE or (
            error.filename is not None and os.fspath(error.filename) == str(scratch)
        )
        if not of_ours:
            raise
        _refuse(uri, "cannot be written", error)
    except Exception as error:
        if "No space left" in str(error):  # Polars and Arrow have exceptions of their own
            _refuse(uri, "cannot be written", error)
        raise


def _refuse(uri: str, problem: str, error: Exception) -> NoReturn:
    if isinstance(error, StorageError):
        raise error
    if isinstance(error, FileNotFoundError) and "read" in problem:
        raise StorageError(
            f"{uri} does not exist; run the task that writes it again, or check DATA_ROOT."
        ) from error
    raise StorageError(f"{uri} {problem} ({_reason(error)}); {_advice(uri, error)}.") from error


def _reason(error: BaseException) -> str:
    if type(error).__name__ == "FSTimeoutError":
        return "it did not answer in time"
    text = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return " ".join(text.split()).rstrip(".") or type(error).__name__


def _advice(uri: str, error: Exception) -> str:
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return "free space there, or set DATA_ROOT to another place"
    if uri.startswith(_LOCAL):
        return "make it writable, or set DATA_ROOT to another place"
    return "check that the store runs, AWS_ENDPOINT_URL and the credentials"
