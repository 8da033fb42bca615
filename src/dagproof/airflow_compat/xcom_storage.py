"""Tells what an XCom backend keeps outside the metadata database, as far as local files tell."""

import contextlib
import dataclasses
import json
from collections.abc import Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

_SHOWS_ADDRESSES: Final = 256 * 1024
"""Bytes of JSON above which nobody looks for addresses: a reference is short."""

_MOST_PARTS: Final = 10_000


def storage_environment(folder: Path) -> Mapping[str, str]:
    """Return the variables that have Airflow's object storage backend write below a folder.

    They must be set before the backend is first used: it remembers its path.
    """
    return {"AIRFLOW__COMMON_IO__XCOM_OBJECTSTORAGE_PATH": f"file://{folder}"}


def is_out_of_reach(error: BaseException) -> bool:
    """Return whether a backend failed because of its storage and not because of the value."""
    seen: set[int] = set()
    cause: BaseException | None = error
    while cause is not None and id(cause) not in seen:
        seen.add(id(cause))
        module = type(cause).__module__.partition(".")[0]
        if isinstance(cause, OSError) or module in ("botocore", "aiohttp", "requests", "httpx"):
            return True
        cause = cause.__cause__ or cause.__context__
    return False


def elsewhere(text: bytes, value: object, owner: Any) -> int | None:
    """Return how many bytes a backend keeps in local files.

    Args:
        text: the JSON for the metadata database.
        value: what was pushed: addresses that it names itself are not the backend's.
        owner: the backend.

    Returns:
        0 where Airflow's own backend keeps all in the database; None where it cannot be known.
    """
    from airflow.sdk.bases.xcom import BaseXCom

    if owner is BaseXCom or owner.serialize_value is BaseXCom.serialize_value:
        return 0
    if b"://" not in text:
        return 0
    if len(text) > _SHOWS_ADDRESSES:
        return None
    own = set(_texts(value))
    addresses = [one for one in _texts(json.loads(text)) if "://" in one and one not in own]
    sizes = [_size(address) for address in addresses]
    return None if None in sizes else sum(size or 0 for size in sizes)


def _size(address: str) -> int | None:
    parts = urlsplit(address)
    if parts.scheme != "file":
        return None
    with contextlib.suppress(OSError):
        return Path(unquote(parts.path)).stat().st_size
    return None


def _texts(value: object) -> Iterator[str]:
    """Yield the texts in a value, as far as it is made of plain containers and dataclasses."""
    rest, seen = [value], 0
    while rest and seen < _MOST_PARTS:
        part, seen = rest.pop(), seen + 1
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping):
            rest += islice(part.values(), _MOST_PARTS)
        elif isinstance(part, list | tuple | set | frozenset):
            rest += islice(part, _MOST_PARTS)
        elif dataclasses.is_dataclass(part) and not isinstance(part, type):
            rest += [getattr(part, one.name, None) for one in dataclasses.fields(part)]
