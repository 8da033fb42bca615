"""Says where HTTP/1 messages begin and end in a stream of bytes, and changes none."""

import re
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

_END_OF_HEAD: Final = re.compile(rb"\r?\n\r?\n")
_STATUS_LINE: Final = re.compile(rb"HTTP/1\.\d (\d{3})")
_REQUEST_LINE: Final = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.(\d)$")
_METHOD: Final = re.compile(rb"[!#$%&'*+.^_`|~0-9A-Za-z-]*( |$)")
"""How a request begins, as far as it has come in."""
_VERSION: Final = b"HTTP/1."
_CHUNK_SIZE: Final = re.compile(rb"[0-9A-Fa-f]{1,16}[ \t]*(;|$)")
_LARGEST_HEAD: Final = 1 << 18
_LARGEST_LINE: Final = 1 << 16
_FIRST_FINAL: Final = 200


class NoHttpError(ValueError):
    """What was read is no HTTP/1 message that we understand."""


@dataclass(frozen=True, slots=True)
class Head:
    """The head of a message.

    Attributes:
        raw: all of it, the empty line included.
        first: its first line.
        fields: values by name in small letters; of several with one name joined by a comma.
    """

    raw: bytes
    first: bytes
    fields: dict[str, str]

    def tokens(self, name: str) -> list[str]:
        """Return the elements of a list such as `Connection`, in small letters."""
        return [token.strip().lower() for token in self.fields.get(name, "").split(",")]


@dataclass(frozen=True, slots=True)
class Request:
    """What the first line of a request says; `minor` is 0 for HTTP/1.0."""

    method: str
    target: str
    minor: int


def head_in(buffer: bytes, *, of_response: bool = False) -> Head | None:
    """Return the head at the beginning of a buffer; None while it is not complete.

    Raises:
        NoHttpError: it is none, or has no end.
    """
    blank = len(buffer) - len(buffer.lstrip(b"\r\n"))  # some clients end a body with a line
    if of_response:
        begins = _VERSION.startswith(buffer[: len(_VERSION)])
    else:
        begins = _METHOD.match(buffer, blank) is not None
    if not begins:
        raise NoHttpError("no first word")
    found = _END_OF_HEAD.search(buffer, blank)
    if found is None:
        if len(buffer) > _LARGEST_HEAD:
            raise NoHttpError("a head without an end")
        return None
    raw = buffer[: found.end()]
    first, *lines = raw[blank : found.start()].splitlines()
    fields: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon or name != name.strip():
            raise NoHttpError("a line in a head that is no field")
        key = name.lower()
        fields[key] = f"{fields[key]}, {value.strip()}" if key in fields else value.strip()
    return Head(raw, first, fields)


def request_of(head: Head) -> Request:
    """Return what a request asks.

    Raises:
        NoHttpError: it is none.
    """
    found = _REQUEST_LINE.match(head.first)
    if found is None:
        raise NoHttpError("no request")
    return Request(found[1].decode(), found[2].decode("latin-1"), int(found[3]))


def status_of(head: Head) -> int:
    """Return the status of a response.

    Raises:
        NoHttpError: it is none.
    """
    found = _STATUS_LINE.match(head.first)
    if found is None:
        raise NoHttpError("no response")
    return int(found[1])


class Body:
    """Measures a body as it goes by.

    Args:
        length: in bytes; None where it goes on until the connection ends.
        chunked: whether it says its length in pieces.
    """

    def __init__(self, length: int | None, *, chunked: bool = False) -> None:
        self.open_ended = length is None and not chunked
        self.complete = length == 0 and not chunked
        self._left = length or 0
        self._chunked = chunked
        self._line = b""
        self._last = False

    def take(self, data: bytes) -> int:
        """Return how many of these bytes, the next in the stream, belong to the body.

        Raises:
            NoHttpError: they cannot be read as chunks.
        """
        if self.open_ended:
            return len(data)
        at = 0
        while at < len(data) and not self.complete:
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
                at += step
                self.complete = not self._left and not self._chunked
            else:
                at = self._line_in(data, at)
        return at

    def _line_in(self, data: bytes, at: int) -> int:
        end = data.find(b"\n", at)
        self._line += data[at : len(data) if end < 0 else end]
        if len(self._line) > _LARGEST_LINE:
            raise NoHttpError("a line between chunks without an end")
        if end < 0:
            return len(data)
        line, self._line = self._line.rstrip(b"\r"), b""
        if self._last:
            self.complete = not line
        else:
            self._chunk(line)
        return end + 1

    def _chunk(self, line: bytes) -> None:
        if not _CHUNK_SIZE.match(line):
            raise NoHttpError("no size of a chunk")
        size = int(line.partition(b";")[0], 16)
        self._last = size == 0
        self._left = size + len(b"\r\n") if size else 0


def body_of_request(head: Head) -> Body:
    """Return the measure of a request's body.

    Raises:
        NoHttpError: it has no length that we understand.
    """
    if "transfer-encoding" in head.fields:
        if head.tokens("transfer-encoding")[-1] != "chunked":
            raise NoHttpError("a request that does not end")
        return Body(None, chunked=True)
    return Body(_length(head) or 0)


def body_of_response(head: Head, method: str) -> Body:
    """Return the measure of a response's body.

    Args:
        head: of the response.
        method: of the request.

    Raises:
        NoHttpError: it has no length that we understand.
    """
    status = status_of(head)
    bodiless = {HTTPStatus.NO_CONTENT, HTTPStatus.NOT_MODIFIED}
    if method == "HEAD" or status < _FIRST_FINAL or status in bodiless:
        return Body(0)
    if "transfer-encoding" in head.fields:
        return Body(None, chunked=head.tokens("transfer-encoding")[-1] == "chunked")
    return Body(_length(head))


def _length(head: Head) -> int | None:
    if "content-length" not in head.fields:
        return None
    lengths = set(head.tokens("content-length"))
    [length, *others] = lengths
    if others or not (length.isascii() and length.isdigit()):
        raise NoHttpError("no length")
    return int(length)
