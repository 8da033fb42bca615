"""Fetches a file by HTTP and goes on where an earlier try stopped, if the file is still the same.

What has arrived lies in the partial file, and beside it in `.origin` what it is a part of: the
server's ETag (or date) and length. A server that ignores `Range`, or whose file has changed since,
sends the whole file, and the partial one is begun again.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from email.message import Message
from http import HTTPStatus
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final, cast
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from taxi.errors import DownloadError, UnusableMonthError

SECONDS: Final = 30.0  # without a single byte
CHUNK: Final = 1 << 20
NOT_THERE: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.FORBIDDEN, HTTPStatus.GONE)
TRY_AGAIN: Final = (HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_MANY_REQUESTS)


def version_of(address: str) -> str | None:
    """Return the ETag, date and length of a file as one text; None if the server does not say."""
    try:
        with _open(address, method="HEAD") as response:
            held = _origin(response.headers)
    except HTTPError as error:
        error.close()
        return None
    except (OSError, HTTPException):
        return None
    known = [value for value in held.values() if value]
    return " ".join(known) if known else None


def fetch(address: str, partial: Path) -> None:
    """Bring the whole file to `partial`.

    Raises:
        UnusableMonthError: the server has no such file (403, 404, 410) or refuses it for good.
        DownloadError: no answer within 30 s, a passing fault of the server, or a broken transfer;
            what has arrived stays for the next try.
        OSError: `partial` cannot be written.
    """
    origin_file = partial.with_suffix(".origin")
    arrived, origin = _left_behind(partial, origin_file)
    if arrived and arrived == int(origin.get("length") or -1):
        return  # all of it had arrived, and what came after failed
    try:
        with _open(address, _range(arrived, origin)) as response:
            if response.status == HTTPStatus.PARTIAL_CONTENT:
                if not _is_the_rest(response.headers, arrived, origin):
                    _forget(partial, origin_file)
                    fetch(address, partial)
                    return
            else:
                partial.unlink(missing_ok=True)
                origin = _origin(response.headers)
                origin_file.write_text(json.dumps(origin), encoding="utf-8")
            _append(address, response, partial)
    except HTTPError as error:
        error.close()
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            _forget(partial, origin_file)
        raise _refused(address, error.code) from error
    except URLError as error:
        raise _silent(address, error.reason) from error
    except (TimeoutError, ConnectionError, HTTPException) as error:
        raise _silent(address, error) from error
    size, length = partial.stat().st_size, origin.get("length")
    if length and size != int(length):
        raise DownloadError(
            f"{address} stopped after {size} of {length} bytes; try again to fetch the rest."
        )


def _open(
    address: str, headers: Mapping[str, str] | None = None, method: str = "GET"
) -> HTTPResponse:
    request = Request(address, headers=dict(headers or {}), method=method)  # noqa: S310 - only http(s), see source
    return cast("HTTPResponse", urlopen(request, timeout=SECONDS))  # noqa: S310 - the same


def _left_behind(partial: Path, origin_file: Path) -> tuple[int, dict[str, str]]:
    """Return how many bytes an earlier try left, and of what; nothing where that is not certain."""
    with suppress(OSError, ValueError):
        origin = json.loads(origin_file.read_text(encoding="utf-8"))
        if origin.get("etag") or origin.get("date"):
            return partial.stat().st_size, origin
    return 0, {}


def _range(arrived: int, origin: Mapping[str, str]) -> dict[str, str]:
    """Ask for the rest, on condition that the file is the one that was begun."""
    if not arrived:
        return {}
    return {"Range": f"bytes={arrived}-", "If-Range": origin.get("etag") or origin["date"]}


def _origin(headers: Message) -> dict[str, str]:
    """Return what identifies the file: only a strong ETag does, byte for byte."""
    etag = headers.get("ETag") or ""
    return {
        "etag": "" if etag.startswith("W/") else etag,
        "date": headers.get("Last-Modified") or "",
        "length": headers.get("Content-Length") or "",
    }


def _is_the_rest(headers: Message, arrived: int, origin: Mapping[str, str]) -> bool:
    """Say whether a part begins where ours ends, and is of the same file: not all servers look."""
    begins, _, length = (headers.get("Content-Range") or "").partition("/")
    return (
        begins.startswith(f"bytes {arrived}-")
        and length in ("*", origin.get("length") or length)
        and (headers.get("ETag") or origin["etag"]) == origin["etag"]
    )


def _append(address: str, response: HTTPResponse, partial: Path) -> None:
    """Write what arrives to the end of `partial`; a full disk is told from a silent server."""
    with partial.open("ab") as file:
        while True:
            try:
                chunk = response.read(CHUNK)
            except (OSError, HTTPException) as error:
                raise _silent(address, error) from error
            if not chunk:
                return
            file.write(chunk)


def _forget(partial: Path, origin_file: Path) -> None:
    partial.unlink(missing_ok=True)
    origin_file.unlink(missing_ok=True)


def _refused(address: str, code: int) -> Exception:
    if code in NOT_THERE:
        return UnusableMonthError(
            f"{address} answers {code}, so that month is not published there; choose another "
            "month, or set TAXI_SOURCE."
        )
    passing = code >= HTTPStatus.INTERNAL_SERVER_ERROR or code in TRY_AGAIN
    passing = passing or code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE
    kind = DownloadError if passing else UnusableMonthError
    return kind(f"{address} answers {code}; try again later, or set TAXI_SOURCE.")


def _silent(address: str, reason: object) -> DownloadError:
    text = " ".join(str(reason).split()).rstrip(".") or type(reason).__name__
    return DownloadError(
        f"{address} does not answer ({text}); check the network, or set TAXI_SOURCE."
    )
