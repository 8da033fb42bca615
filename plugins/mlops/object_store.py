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
_UPLOAD_SECONDS = 30.0
_SLOWEST_UPLOAD = 500_000  # bytes a second; what goes slower is given up


def exists(uri: str) -> bool:
    """Say whether an object is there; a folder is none."""
    filesystem = _filesystem(uri)
    try:  # `isfile` would answer no where the store does not answer
        return bool(filesystem.info(uri)["type"] == "file")
    except FileNotFoundError:
        return False


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
