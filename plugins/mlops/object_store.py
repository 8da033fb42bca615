"""Asks object stores, through the filesystem that Airflow's `ObjectStoragePath` uses, and briefly.

S3 is reached with the AWS_* environment variables where they are set, else with the Airflow
connection `aws_default`. Each store has exceptions of its own; they come out as they are.
"""

import os
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

_VARIABLES = (
    "AWS_ENDPOINT_URL",
    "AWS_ENDPOINT_URL_S3",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
)
_BESIDE = ("AWS_DEFAULT_REGION", "AIRFLOW_CONN_AWS_DEFAULT")  # they say neither where nor who
_S3_OPTIONS = {  # seconds: a store that does not answer is given up in less than a minute
    "connect_timeout": 3,
    "read_timeout": 20,
    "retries": {"max_attempts": 2, "mode": "standard"},
}
_S3 = ("s3://", "s3a://", "s3n://")
_OVERTAKEN = ("PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "404", "409", "412")
_UPLOAD_SECONDS = 30.0
_SLOWEST_UPLOAD = 500_000  # bytes a second; what goes slower is given up


def exists(uri: str) -> bool:
    """Say whether an object is there; a folder is none."""
    filesystem = _filesystem(uri)
    try:  # `isfile` would answer no where the store does not answer
        return bool(filesystem.info(uri)["type"] == "file")
    except FileNotFoundError:
        return False


def modified(uri: str) -> float | None:
    """Return when an object was written, in seconds since 1970; None where there is none.

    Raises:
        NotImplementedError: the store keeps no such time.
    """
    filesystem = _filesystem(uri)
    try:
        found = filesystem.info(uri)
        return float(filesystem.modified(uri).timestamp()) if found["type"] == "file" else None
    except FileNotFoundError:
        return None


def read_tagged(uri: str) -> tuple[bytes | None, str | None]:
    """Return what an object holds, and a tag that an earlier version does not have.

    Both are None where there is no object. Where somebody writes meanwhile, the tag is the older.

    Raises:
        NotImplementedError: the store is not S3, so that `swap` could not ask for the tag.
    """
    if not uri.startswith(_S3):
        raise NotImplementedError("only file:// and s3:// know writes on a condition")
    filesystem = _filesystem(uri)
    try:
        tag = str(filesystem.info(uri)["ETag"])
        return bytes(filesystem.cat_file(uri)), tag
    except FileNotFoundError:
        return None, None


def swap(uri: str, data: bytes, tag: str | None) -> bool:
    """Write an object if it still has the tag, or, for None, if there is still none.

    Returns:
        Whether it was written.
    """
    condition = {"IfNoneMatch": "*"} if tag is None else {"IfMatch": tag}
    try:
        _filesystem(uri).pipe_file(uri, data, **condition)
    except OSError as error:
        response = getattr(error.__cause__ or error, "response", None) or {}
        if response.get("Error", {}).get("Code") in _OVERTAKEN:
            return False
        raise
    return True


def download(uri: str, copy: Path) -> None:
    """Copy an object to a local file.

    Raises:
        FileNotFoundError: there is no such object.
    """
    _filesystem(uri).get_file(uri, str(copy))


def upload(scratch: Path, uri: str) -> None:
    """Copy a local file to an object, which appears whole."""
    filesystem = _filesystem(uri)
    # An upload waits for the server's "100 Continue", which no timeout of the client covers.
    limit = _UPLOAD_SECONDS + scratch.stat().st_size / _SLOWEST_UPLOAD
    patience = {"timeout": limit} if getattr(filesystem, "async_impl", False) else {}
    filesystem.put_file(str(scratch), uri, **patience)


def remove(uri: str) -> None:
    """Remove an object; one that is not there is no error."""
    filesystem = _filesystem(uri)
    with suppress(FileNotFoundError):
        filesystem.rm_file(uri)


def _filesystem(uri: str) -> Any:
    """Return the filesystem for the scheme, one for each process and set of credentials."""
    credentials = tuple(os.environ.get(name, "") for name in (*_VARIABLES, *_BESIDE))
    filesystem = _connect(uri.split("://", 1)[0], os.getpid(), credentials)
    filesystem.invalidate_cache()  # another task may have written since
    return filesystem


@lru_cache(maxsize=16)
def _connect(scheme: str, _pid: int, _credentials: tuple[str, ...]) -> Any:
    try:
        from airflow.sdk.io import get_fs
    except ImportError:  # Airflow 3.0
        from airflow.io import get_fs

    if scheme not in ("s3", "s3a", "s3n"):
        return get_fs(scheme)
    by_environment = any(os.environ.get(name) for name in _VARIABLES)
    filesystem = get_fs(scheme, None if by_environment else "aws_default", dict(_S3_OPTIONS))
    filesystem.retries = 1  # botocore retries already
    return filesystem
