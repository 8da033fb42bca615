"""Changes a small JSON document that many processes and machines share, losing no change.

A change is: read, decide, write if nobody has written since, else again. On `file://` a lock of the
operating system (`flock`) surrounds the three, which the kernel gives back when its holder is
killed, also over NFS 4. On S3 the write carries `If-Match` with the version that was read, which
S3 carries out in one step; a killed process holds nothing there at all. A store that does not look
at the condition of a write is noticed and refused. One document that is replaced needs no sweeping,
where a file for each change would: and a late process could make again what was swept.
"""

import fcntl
import json
import os
import random
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, TypeVar

from mlops import local_files, object_store, storage

_T = TypeVar("_T")
_PAUSE: Final = (
    0.05  # seconds, on average doubled, before a change that came too late is made again
)
_NOBODYS_TAG: Final = f'"{"0" * 32}"'


def change(
    uri: str,
    decide: Callable[[Any], tuple[Any, _T]],
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> _T:
    """Replace a document by what is decided upon it, as if nobody else was there.

    Where the answer to a write is lost, the change may be made a second time, upon the first.

    Args:
        uri: of the document, `file://` or `s3://`.
        decide: takes the document (None where there is none) and returns the new one, with the
            result of the call; may be called several times.
        sleep: waits some seconds.

    Raises:
        mlops.storage.StorageError: the place cannot be read or written, holds no JSON, or knows no
            writes on a condition.
    """
    path = storage.local_path(uri)
    if path is not None:
        with storage.refusing(uri, "cannot be changed"):
            return _change_file(uri, path, decide)
    while True:
        with storage.refusing(uri, "cannot be changed"):
            content, tag = object_store.read_tagged(uri)
            document, result = decide(_parsed(uri, content))
            if object_store.swap(uri, _text(document).encode(), tag):
                _see_refusal(uri, os.getpid())
                return result
        sleep(_PAUSE * (1 + 2 * random.random()))  # noqa: S311 - chance keeps losers apart


def read(uri: str) -> Any:
    """Return the document, or None where there is none.

    Raises:
        mlops.storage.StorageError: nobody can say.
    """
    return storage.read_json(uri) if storage.exists(uri) else None


def _change_file(uri: str, path: Path, decide: Callable[[Any], tuple[Any, _T]]) -> _T:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(f"{path.name}.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        content = path.read_bytes() if path.is_file() else None
        document, result = decide(_parsed(uri, content))
        text = _text(document)
        scratch = local_files.scratch_beside(path)
        try:
            scratch.write_text(text, encoding="utf-8")
            local_files.appear(scratch, path)
        finally:
            scratch.unlink(missing_ok=True)
        return result


@lru_cache(maxsize=16)
def _see_refusal(uri: str, _pid: int) -> None:
    """Make sure, once a document and process, that a write on a false condition is refused."""
    content, _ = object_store.read_tagged(uri)
    if content is not None and object_store.swap(uri, content, _NOBODYS_TAG):
        raise storage.StorageError(
            f"{uri} was written upon a condition (If-Match) that does not hold, so that changes "
            "would get lost; set DATA_ROOT to a store that looks at it, or to file://."
        )


def _parsed(uri: str, content: bytes | None) -> Any:
    if content is None:
        return None
    try:
        return json.loads(content)
    except ValueError as error:
        raise storage.StorageError(f"{uri} is no JSON document ({error}); remove it.") from error


def _text(document: object) -> str:
    return json.dumps(document, indent=2, sort_keys=True, allow_nan=False) + "\n"
