"""Where months of trips come from: `TAXI_SOURCE`, by http(s), file or s3."""

import os
import shutil
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit
from urllib.request import url2pathname

from mlops import storage
from taxi import web
from taxi.errors import UnusableMonthError

VARIABLE: Final = "TAXI_SOURCE"
PUBLIC: Final = (
    "https://d37ci6vzurychx.cloudfront.net/trip-data/{colour}_tripdata_{year}-{month:02d}.parquet"
)


def address_of(colour: str, year: int, month: int) -> str:
    """Return the address of a month: `TAXI_SOURCE` with its fields filled in.

    Raises:
        UnusableMonthError: the template has an unknown field, or leads to no known kind of place.
    """
    template = os.environ.get(VARIABLE) or PUBLIC
    try:
        address = template.format(colour=colour, year=year, month=month)
    except (LookupError, ValueError, AttributeError) as error:
        raise UnusableMonthError(
            f"{VARIABLE} `{template}` cannot be filled in; use `{{colour}}`, `{{year}}` and "
            "`{month:02d}`, nothing else in braces."
        ) from error
    if urlsplit(address).scheme not in ("http", "https", "file", "s3"):
        raise UnusableMonthError(
            f"{VARIABLE} `{template}` is no address; begin it with https://, file:// or s3://."
        )
    return address


def version_of(address: str) -> str | None:
    """Return a text that changes when the file behind the address does; None if nobody can say."""
    scheme = urlsplit(address).scheme
    if scheme == "file":
        try:
            stat = _path(address).stat()
        except OSError:
            return None
        return f"{stat.st_size} bytes of {stat.st_mtime_ns}"
    return web.version_of(address) if scheme.startswith("http") else None


def fetch(address: str, partial: Path) -> None:
    """Bring the file to `partial`, going on from what an earlier try left there where possible.

    Raises:
        UnusableMonthError: there is no such file.
        DownloadError: the source does not answer, or stopped in the middle.
        mlops.storage.StorageError: the object store does not answer.
    """
    scheme = urlsplit(address).scheme
    if scheme.startswith("http"):
        web.fetch(address, partial)
    elif scheme == "s3":
        if not storage.exists(address):
            raise absent(address)
        with storage.local_copy(address) as path:
            shutil.copyfile(path, partial)
    elif _path(address).is_file():
        shutil.copyfile(_path(address), partial)
    else:
        raise absent(address)


def absent(address: str) -> UnusableMonthError:
    """Return the error for a month that is not there."""
    return UnusableMonthError(
        f"{address} does not exist; choose a month that is published, or set {VARIABLE}."
    )


def _path(address: str) -> Path:
    return Path(url2pathname(urlsplit(address).path))
