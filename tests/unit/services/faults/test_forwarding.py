"""Without a fault in force the proxy is a wire: whatever is said, it arrives as it was said."""

import asyncio

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from .conftest import http

SAFE = st.text("abcdefgh-XYZ0123456789", min_size=1, max_size=12).map(str.encode)
BODY = st.binary(max_size=100) | st.sampled_from([b"\r\n\r\n" * 100, bytes(range(250)) * 280])


@st.composite
def chunked(draw):
    """Draw a chunked body, with extensions and trailers as some send them."""
    chunks = draw(st.lists(st.binary(min_size=1, max_size=90), max_size=4))
    extension = draw(st.sampled_from([b"", b";name=value", b" ; a"]))
    trailer = draw(st.sampled_from([b"", b"Checksum: 1\r\n", b"A: 1\r\nB: 2\r\n"]))
    parts = [b"%x%s\r\n%s\r\n" % (len(chunk), extension, chunk) for chunk in chunks]
    return b"".join(parts) + draw(st.sampled_from([b"0", b"000"])) + b"\r\n" + trailer + b"\r\n"


@st.composite
def fields(draw):
    lines = draw(st.lists(st.tuples(SAFE, SAFE), max_size=3))
    return b"".join(b"X-%s: %s\r\n" % line for line in lines)


@st.composite
def asked(draw):
    """Draw a request as one or two parts: with `Expect`, its body comes after an interim answer."""
    method = draw(st.sampled_from([b"GET", b"HEAD", b"PUT", b"POST", b"DELETE"]))
    head = b"%s /%s HTTP/1.1\r\n%s" % (method, draw(SAFE), draw(fields()))
    form = draw(st.sampled_from(["none", "length", "chunked", "expect", "blank line first"]))
    if form in {"none", "blank line first"}:
        return method, [(b"\r\n" if form != "none" else b"") + head + b"\r\n"]
    if form == "chunked":
        coding = draw(st.sampled_from([b"chunked", b"Chunked", b"gzip, chunked"]))
        return method, [head + b"Transfer-Encoding: %s\r\n\r\n%s" % (coding, draw(chunked()))]
    body = draw(BODY)
    length = b"content-LENGTH:%d\r\n" % len(body)
    if form == "length" or not body:
        return method, [head + length + b"\r\n" + body]
    return method, [head + length + b"Expect: 100-continue\r\n\r\n", body]


@st.composite
def answered(draw, method):
    interim = draw(st.sampled_from([b"", b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n"]))
    status = draw(st.sampled_from([b"200 OK", b"404 Not Found", b"500 x", b"204 -", b"304 -"]))
    head = b"%sHTTP/1.1 %s\r\n%s" % (interim, status, draw(fields()))
    body = draw(BODY)
    if status[:3] in {b"204", b"304"}:
        return head + draw(st.sampled_from([b"", b"Content-Length: 3\r\n"])) + b"\r\n"
    if draw(st.booleans()):
        rest = b"" if method == b"HEAD" else draw(chunked())
        return head + b"Transfer-Encoding: chunked\r\n\r\n" + rest
    rest = b"" if method == b"HEAD" else body
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + rest


@st.composite
def conversations(draw):
    """Draw what client and origin say in turn on one connection."""
    steps = []
    for _ in range(draw(st.integers(1, 5))):
        method, (first, *rest) = draw(asked())
        steps.append(("client", first))
        if rest:
            steps += [("origin", b"HTTP/1.1 100 Continue\r\n\r\n"), ("client", rest[0])]
        steps.append(("origin", draw(answered(method))))
    if draw(st.booleans()):
        steps.append(("client", b"GET /last HTTP/1.1\r\n\r\n"))
        steps.append(("origin", b"HTTP/1.0 200 OK\r\n\r\nuntil the end"))
    return steps


async def say(writer, data, sizes):
    at = 0
    while at < len(data):
        size = sizes[at % len(sizes)]
        writer.write(data[at : at + size])
        await writer.drain()
        if size < 50:
            await asyncio.sleep(0)
        at += size


@settings(
    max_examples=80,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=conversations(),
    sizes=st.lists(st.sampled_from([7, 40, 1_000, 60_000]), min_size=1, max_size=3),
    pipelined=st.booleans(),
)
def test_every_conversation_arrives_as_it_was_said(among, steps, sizes, pipelined):
    said = {
        who: b"".join(data for speaker, data in steps if speaker == who)
        for who in ("client", "origin")
    }
    heard = {}

    async def serve(reader, writer):
        data = b""
        for speaker, part in steps:
            if speaker == "client":
                data += await reader.readexactly(len(part))
            else:
                await say(writer, part, sizes)
        heard["origin"] = data
        writer.write_eof()

    async def scene(world):
        reader, writer = await world.connect()
        if pipelined:
            await say(writer, said["client"], sizes)
        else:
            got = b""
            for speaker, part in steps:
                if speaker == "client":
                    await say(writer, part, sizes)
                else:
                    got += await reader.readexactly(len(part))
            assert got == said["origin"]
            return got + await reader.read()
        return await reader.read()

    heard["client"] = among(scene, serve, "mlflow:500", "mlflow:slow")

    assert heard == {"origin": said["client"], "client": said["origin"]}


@pytest.mark.parametrize(
    "odd",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nno field\r\n\r\n",
        b"PUT / HTTP/1.1\r\nContent-Length: 1, 2\r\n\r\nab",
        b"PUT / HTTP/1.1\r\nContent-Length: -1\r\n\r\nab",
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\nab",
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n+3\r\nabc\r\n0\r\n\r\n",
        b"PUT / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1" * 70_000,
        b"GET / HTTP/1.1\r\nX: " + b"x" * 300_000 + b"\r\n\r\n",
        b"\r\n\r\n",
    ],
    ids=range(10),
)
@pytest.mark.parametrize("first", [b"", b"GET / HTTP/1.1\r\n\r\n"], ids=["at once", "later"])
def test_what_is_no_http_is_passed_on_as_it_is(among, odd, first):
    async def serve(reader, writer):
        if first:
            await reader.readexactly(len(first))
            writer.write(b"HTTP/1.1 204 -\r\n\r\n")
        assert await reader.readexactly(len(odd)) == odd
        writer.write(b"so what")
        assert await reader.read() == b"!"

    async def scene(world):
        reader, writer = await world.connect()
        if first:
            writer.write(first)
            await reader.readuntil(b"\r\n\r\n")
        writer.write(odd)
        if odd.strip():
            assert await reader.readexactly(7) == b"so what"
        writer.write(b"!")
        writer.write_eof()
        return await reader.read()

    assert among(scene, serve, "mlflow:500") == (b"" if odd.strip() else b"so what")


@pytest.mark.parametrize(
    "odd",
    [
        b"SSH-2.0-x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nno field\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    ],
)
def test_answer_that_is_no_http_is_passed_on_as_it_is(among, odd):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(odd)
        assert await reader.readexactly(4) == b"more"
        writer.write(b"and more")

    async def scene(world):
        reader, writer = await world.connect()
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        assert await reader.readexactly(len(odd)) == odd
        writer.write(b"more")
        return await reader.read()

    assert among(scene, serve, "mlflow:500") == b"and more"


def test_tunnel_is_passed_on_in_both_directions(among):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        writer.write(await reader.readexactly(5))

    async def scene(world):
        reader, writer = await world.connect()
        writer.write(b"CONNECT x:1 HTTP/1.1\r\n\r\n")
        assert await reader.readexactly(19) == b"HTTP/1.1 200 OK\r\n\r\n"
        writer.write(b"\0\1\2\3\4")
        return await reader.read()

    assert among(scene, serve, "mlflow:500") == b"\0\1\2\3\4"


def test_client_hears_that_an_idle_connection_was_closed(among):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 -\r\n\r\n")
        await asyncio.sleep(0.05)

    async def scene(world):
        reader, writer = await world.connect()
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        return await reader.read()

    assert among(scene, serve, "mlflow:500") == b"HTTP/1.1 204 -\r\n\r\n"


def test_service_that_speaks_unasked_is_heard(among):
    late = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n"

    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 204 -\r\n\r\n")
        await asyncio.sleep(0.05)
        writer.write(late)

    async def scene(world):
        reader, writer = await world.connect()
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        return await reader.read()

    assert among(scene, serve, "mlflow:500").endswith(late)


def test_upload_that_is_aborted_does_not_look_whole_to_the_service(among):
    seen = []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        assert b"Content-Length: 1000000" in head
        seen.append(await reader.read())
        writer.write(b"HTTP/1.1 400 -\r\n\r\n")

    async def scene(world):
        reader, writer = await world.connect()
        writer.write(b"PUT / HTTP/1.1\r\nContent-Length: 1000000\r\n\r\n" + b"x" * 5000)
        writer.write_eof()
        return await reader.read()

    assert among(scene, serve, "mlflow:500") == b"HTTP/1.1 400 -\r\n\r\n"
    assert seen == [b"x" * 5000]


def test_client_that_closes_its_half_still_gets_the_answer(among):
    async def scene(world):
        reader, writer = await world.connect()
        writer.write(b"PUT /a HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc")
        writer.write_eof()
        return await reader.read()

    assert among(scene, http, "mlflow:500").endswith(b"PUT /a 3")


@pytest.mark.parametrize("closes", [True, False], ids=["hangs up", "takes the rest"])
def test_answer_before_the_end_of_an_upload_arrives(among, closes):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno")
        if not closes:
            await reader.readexactly(100)
            await http(reader, writer)

    async def scene(world):
        reader, writer = await world.connect()
        writer.write(b"PUT / HTTP/1.1\r\nContent-Length: 100\r\n\r\n" + b"x" * 50)
        answer = await reader.readexactly(47)
        if closes:
            return answer, await reader.read()
        writer.write(b"x" * 50 + b"GET /b HTTP/1.1\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        return answer, await reader.readexactly(8)

    answer, rest = among(scene, serve, "mlflow:500")
    assert answer.endswith(b"no")
    assert rest == (b"" if closes else b"GET /b 0")


def test_answer_that_breaks_off_breaks_off_for_the_client_too(among):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")

    async def scene(world):
        reader, writer = await world.connect()
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        return await reader.read()

    assert among(scene, serve, "mlflow:500").endswith(b"\r\n\r\nhalf")


def test_half_an_answers_head_arrives_as_well(among):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nCont")

    async def scene(world):
        reader, writer = await world.connect()
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        return await reader.read()

    assert among(scene, serve, "mlflow:500") == b"HTTP/1.1 200 OK\r\nCont"


def test_service_that_is_really_down_resets_its_clients(among):
    async def scene(world):
        world.server.close()
        reader, writer = await world.connect()
        writer.write(b"GET / HTTP/1.1\r\n\r\n")
        with pytest.raises(ConnectionResetError):
            await reader.read()

    among(scene, http, "mlflow:500")


def test_two_hundred_clients_at_once_are_all_served(among):
    async def one(world, number):
        reader, writer = await world.connect()
        for turn in range(5):
            target = f"/{number}/{turn}"
            writer.write(f"PUT {target} HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc".encode())
            await reader.readuntil(b"\r\n\r\n")
            text = f"PUT {target} 3".encode()
            assert await reader.readexactly(len(text)) == text
        writer.close()

    async def scene(world):
        await asyncio.gather(*(one(world, number) for number in range(200)))
        return len(world.connections)

    assert among(scene, http, "mlflow:500") == 200
