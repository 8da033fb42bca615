"""Heads and bodies are found where they are."""

import pytest

from dagproof.services.faults import framing
from dagproof.services.faults.framing import Body, NoHttpError


def head(text, **options):
    found = framing.head_in(text.replace("\n", "\r\n").encode(), **options)
    assert found is not None
    return found


def test_fields_of_one_name_are_one_list():
    found = head("GET / HTTP/1.1\nConnection: Keep-Alive\nconnection:  close \n\n")
    assert found.tokens("connection") == ["keep-alive", "close"]
    assert found.tokens("expect") == [""]


def test_head_ends_before_the_body():
    found = framing.head_in(b"PUT / HTTP/1.1\r\nA: 1\r\n\r\nbody\r\n\r\n")
    assert found.raw == b"PUT / HTTP/1.1\r\nA: 1\r\n\r\n"
    assert found.first == b"PUT / HTTP/1.1"


@pytest.mark.parametrize(
    "part", [b"", b"\r\n", b"GET", b"GET / HTTP/1.1\r\n", b"GET /\r\nA: 1\r\n"]
)
def test_part_of_a_head_is_none_yet(part):
    assert framing.head_in(part) is None


@pytest.mark.parametrize("part", [b"HTT", b"HTTP/1.1 200 OK\r\n"])
def test_part_of_a_response_is_none_yet(part):
    assert framing.head_in(part, of_response=True) is None


def test_lines_may_end_without_a_carriage_return():
    assert framing.head_in(b"GET / HTTP/1.1\nA: 1\n\nx").raw == b"GET / HTTP/1.1\nA: 1\n\n"


@pytest.mark.parametrize("line", ["GET /", "GET / HTTP/2.0", "G@T / HTTP/1.1", "GET  / HTTP/1.1x"])
def test_first_line_that_is_no_request_is_told(line):
    with pytest.raises(NoHttpError):
        framing.request_of(head(f"{line}\n\n"))


@pytest.mark.parametrize(
    ("method", "first", "fields", "expected"),
    [
        ("GET", "200 OK", "Content-Length: 5", 5),
        ("GET", "200 OK", "Content-Length: 5, 5", 5),
        ("HEAD", "200 OK", "Content-Length: 5", 0),
        ("GET", "204 -", "Content-Length: 5", 0),
        ("GET", "304 -", "Content-Length: 5", 0),
        ("GET", "100 Continue", "A: 1", 0),
        ("GET", "200 OK", "A: 1", 9),
        ("GET", "200 OK", "Transfer-Encoding: gzip", 9),
    ],
)
def test_body_of_a_response_is_as_long_as_its_head_says(method, first, fields, expected):
    found = head(f"HTTP/1.1 {first}\n{fields}\n\n", of_response=True)
    assert framing.body_of_response(found, method).take(b"123456789") == expected


def test_chunks_win_over_a_length():
    found = head("PUT / HTTP/1.1\nContent-Length: 1\nTransfer-Encoding: chunked\n\n")
    assert framing.body_of_request(found).take(b"1\r\na\r\n0\r\n\r\nrest") == 11


def test_chunks_are_followed_byte_by_byte():
    body = Body(None, chunked=True)
    data = b"3\r\nabc\r\n0\r\nTrailer: 1\r\n\r\n"
    for byte in data[:-1]:
        assert body.take(bytes([byte])) == 1
        assert not body.complete
    assert body.take(data[-1:] + b"GET") == 1
    assert body.complete
    assert body.take(b"GET") == 0


@pytest.mark.parametrize("size", ["", "-1", "+1", "0x1", "1_0", "g", " 1", "1" * 17])
def test_odd_size_of_a_chunk_is_told(size):
    with pytest.raises(NoHttpError):
        Body(None, chunked=True).take(f"{size}\r\n".encode())


def test_head_without_an_end_is_told_before_it_fills_the_memory():
    with pytest.raises(NoHttpError):
        framing.head_in(b"GET / HTTP/1.1\r\nA: " + b"x" * 300_000)


def test_line_between_chunks_without_an_end_is_told_before_it_fills_the_memory():
    body = Body(None, chunked=True)
    for _ in range(60):
        body.take(b"1" * 1000)
    with pytest.raises(NoHttpError):
        body.take(b"1" * 9000)
