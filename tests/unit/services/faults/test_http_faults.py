"""What each kind of fault does to requests over HTTP, and that it does no more."""

import asyncio
import contextlib
import json
import socket
import time

import pytest

from .conftest import answer, exchange, http

RESET = ConnectionResetError
SERVED = (200, b"GET / 0")


async def outcome(client, *arguments, **options):
    """Return status and body, or the class of what was raised."""
    try:
        return await exchange(client, *arguments, **options)
    except (OSError, asyncio.IncompleteReadError) as error:
        return type(error)


def test_fault_does_nothing_before_it_begins_and_after_it_ends(among):
    async def scene(world):
        client = await world.connect()
        told = [await exchange(client)]
        world.proxy.begin(0)
        told.append((await exchange(client))[0])
        world.proxy.end(0)
        return [*told, await exchange(client)], world.hits()

    assert among(scene, http, "mlflow:500") == ([SERVED, 500, SERVED], [1])


@pytest.mark.parametrize("kind", ["500", "down"])
def test_fault_that_ended_does_not_begin_again(among, kind):
    async def scene(world):
        for operation in (world.proxy.begin, world.proxy.end, world.proxy.begin):
            operation(0)
        return await exchange(await world.connect())

    assert among(scene, http, f"mlflow:{kind}") == SERVED


def test_mlflow_fails_in_json_and_s3_in_xml(among):
    async def scene(world):
        world.proxy.begin(0)
        return await exchange(await world.connect())

    status, body = among(scene, http, "mlflow:500")
    assert status == 500
    assert json.loads(body) == {
        "error_code": "INTERNAL_ERROR",
        "message": "dagproof fault mlflow:500",
    }
    status, body = among(scene, http, "s3:500@a<b", service="s3")
    assert b"<Code>InternalError</Code><Message>dagproof fault s3:500@a&lt;b</Message>" in body


def test_service_sees_nothing_of_requests_that_are_answered_500(among):
    seen = []

    async def serve(reader, writer):
        seen.append(await reader.read(1))

    async def scene(world):
        world.proxy.begin(0)
        client = await world.connect()
        told = [await exchange(client, "PUT", body=b"x" * 500_000), await exchange(client, "HEAD")]
        return [status for status, _ in told]

    assert among(scene, serve, "mlflow:500") == [500, 500]
    assert seen == []


@pytest.mark.parametrize(
    ("share", "hit"),
    [("0.5", "0101010101"), ("0.1", "0000000001"), ("0.75", "0111011101"), ("1", "1111111111")],
)
def test_share_of_the_requests_is_hit_evenly_over_all_connections(among, share, hit):
    async def scene(world):
        world.proxy.begin(0)
        told = []
        for _ in range(10):
            status, _ = await exchange(await world.connect())
            told.append("1" if status == 500 else "0")
        return "".join(told), world.hits()

    assert among(scene, http, f"mlflow:500,share={share}") == (hit, [hit.count("1")])


def test_pipelined_requests_are_answered_in_order_though_every_second_fails(among):
    async def scene(world):
        world.proxy.begin(0)
        reader, writer = await world.connect()
        for number in range(6):
            writer.write(f"PUT /{number} HTTP/1.1\r\nContent-Length: 1\r\n\r\nx".encode())
        return [await answer(reader) for _ in range(6)]

    told = among(scene, http, "mlflow:500,share=0.5")
    assert [status for status, _ in told] == [200, 500] * 3
    assert [body for status, body in told if status == 200] == [
        b"PUT /0 1",
        b"PUT /2 1",
        b"PUT /4 1",
    ]


@pytest.mark.parametrize("sends", [True, False], ids=["sends all the same", "waits"])
def test_client_that_asks_before_it_uploads_is_refused_before_it_uploads(among, sends):
    async def scene(world):
        world.proxy.begin(0)
        reader, writer = await world.connect()
        writer.write(b"PUT / HTTP/1.1\r\nContent-Length: 9\r\nExpect: 100-continue\r\n\r\n")
        writer.write(b"x" * 9 if sends else b"")
        status, _ = await answer(reader)
        return status, await reader.read()

    assert among(scene, http, "s3:500", service="s3") == (500, b"")


def test_interim_answer_is_not_taken_for_the_answer(among):
    async def serve(reader, writer):
        await reader.readuntil(b"\r\n\r\n")
        writer.write(
            b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
        )
        await reader.read()

    async def scene(world):
        client = await world.connect()
        told = [await exchange(client), await answer(client[0])]
        world.proxy.begin(0)
        return [status for status, _ in (*told, await exchange(client))]

    assert among(scene, serve, "mlflow:500") == [103, 200, 500]


@pytest.mark.parametrize("head", ["GET / HTTP/1.0\r\n", "GET / HTTP/1.1\r\nConnection: close\r\n"])
def test_client_that_wants_the_connection_closed_gets_that(among, head):
    async def scene(world):
        world.proxy.begin(0)
        reader, writer = await world.connect()
        writer.write(f"{head}\r\n".encode())
        return (await reader.read()).partition(b"\r\n")[0]

    assert among(scene, http, "mlflow:500").endswith(b"500 Internal Server Error")


def test_upload_that_ends_early_is_not_answered(among):
    async def scene(world):
        world.proxy.begin(0)
        reader, writer = await world.connect()
        writer.write(b"PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf")
        writer.write_eof()
        return await reader.read()

    assert among(scene, http, "mlflow:500") == b""


def test_readonly_service_refuses_writes_alone(among):
    async def scene(world):
        world.proxy.begin(0)
        client = await world.connect()
        requests = [("GET", None), ("PUT", b"1"), ("HEAD", None), ("DELETE", None), ("POST", b"1")]
        told = [(await exchange(client, method, body=body))[0] for method, body in requests]
        return told, world.hits()

    assert among(scene, http, "s3:readonly", service="s3") == ([200, 503, 200, 503, 503], [3])


def test_share_of_a_readonly_service_is_one_of_its_writes(among):
    async def scene(world):
        world.proxy.begin(0)
        client = await world.connect()
        return [(await exchange(client, method))[0] for method in ("PUT", "GET", "PUT", "GET")]

    assert among(scene, http, "s3:readonly,share=0.5", service="s3") == [200, 200, 503, 200]


def test_reset_comes_before_the_service_sees_the_request(among):
    seen = []

    async def serve(reader, writer):
        seen.append(await reader.read())

    async def scene(world):
        world.proxy.begin(0)
        return [await outcome(await world.connect()), await outcome(await world.connect())]

    assert among(scene, serve, "mlflow:reset") == [RESET, RESET]
    assert seen == []


def test_reset_hits_a_connection_that_was_open_before(among):
    async def scene(world):
        client = await world.connect()
        told = [await exchange(client)]
        world.proxy.begin(0)
        return [*told, await outcome(client)], world.hits()

    assert among(scene, http, "mlflow:reset") == ([SERVED, RESET], [1])


def test_cut_request_is_carried_out_and_not_answered(among):
    seen, heard = [], []

    async def serve(reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        seen.append((head.split()[0], await reader.readexactly(300_000)))
        writer.write(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")

    async def hear(reader):
        while chunk := await reader.read(1000):
            heard.append(chunk)

    async def scene(world):
        world.proxy.begin(0)
        reader, writer = await world.connect()
        writer.write(b"PUT / HTTP/1.1\r\nContent-Length: 300000\r\n\r\n" + b"x" * 300_000)
        with pytest.raises(RESET):
            await hear(reader)
        return world.hits()

    assert among(scene, serve, "mlflow:cut") == [1]
    assert seen == [(b"PUT", b"x" * 300_000)]
    assert b"".join(heard) in {b"", b"HTTP/1.1 100 Continue\r\n\r\n"}


def test_slow_answers_come_late_by_the_delay(among):
    async def scene(world):
        world.proxy.begin(0)
        client = await world.connect()
        started = time.monotonic()
        told = await exchange(client)
        return told, time.monotonic() - started, world.hits()

    told, seconds, hits = among(scene, http, "mlflow:slow,delay=0.2")
    assert (told, hits) == (SERVED, [1])
    assert 0.2 <= seconds < 2


def test_service_that_is_slow_and_fails_does_both(among):
    async def scene(world):
        world.proxy.begin(0)
        world.proxy.begin(1)
        started = time.monotonic()
        status, _ = await exchange(await world.connect())
        return status, time.monotonic() - started > 0.2

    assert among(scene, http, "mlflow:slow,delay=0.2", "mlflow:500") == (500, True)


def test_answer_that_is_held_back_is_let_go_when_the_fault_ends(among):
    async def scene(world):
        world.proxy.begin(0)
        client = await world.connect()
        waiting = asyncio.ensure_future(exchange(client))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        world.proxy.end(0)
        return await asyncio.wait_for(waiting, 5)

    assert among(scene, http, "mlflow:slow,delay=60") == SERVED


@pytest.mark.parametrize("kind", ["down", "restart,seconds=60"])
def test_service_that_is_down_refuses_and_resets(among, kind):
    async def scene(world):
        idle, busy = await world.connect(), await world.connect()
        await exchange(idle)
        busy[1].write(b"PUT / HTTP/1.1\r\nContent-Length: 5\r\n\r\nx")
        await asyncio.sleep(0.05)
        world.proxy.begin(0)
        told = [await outcome(idle), await outcome(busy)]
        with pytest.raises(ConnectionRefusedError):
            await world.connect()
        return told, world.hits()

    told, hits = among(scene, http, f"mlflow:{kind}")
    assert told == [RESET, RESET]
    assert hits == [1], "nobody misses an idle connection"


def test_connections_that_wait_to_be_accepted_are_reset_and_counted_too(among):
    async def scene(world):
        # Without a turn of the event loop, which would accept them.
        clients = [socket.create_connection(("127.0.0.1", world.port)) for _ in range(20)]
        world.proxy.begin(0)
        await asyncio.sleep(0.05)
        told = []
        for client in clients:
            with client, contextlib.suppress(RESET):
                told.append(client.recv(1))
        return told, world.hits()

    assert among(scene, http, "mlflow:down") == ([], [20])


def test_closed_proxy_gives_its_port_back(among):
    async def scene(world):
        world.proxy.close()
        with socket.socket() as other:
            other.bind(("127.0.0.1", world.port))
        return "free"

    assert among(scene, http, "mlflow:down") == "free"


def test_service_is_up_again_at_the_same_address_when_the_fault_ends(among):
    async def scene(world):
        world.proxy.begin(0)
        world.proxy.end(0)
        return await exchange(await world.connect())

    assert among(scene, http, "mlflow:down") == SERVED


def test_service_stays_down_until_the_last_of_two_faults_ends(among):
    async def scene(world):
        world.proxy.begin(0)
        world.proxy.begin(1)
        world.proxy.end(0)
        with pytest.raises(ConnectionRefusedError):
            await world.connect()
        world.proxy.end(1)
        return await exchange(await world.connect())

    assert among(scene, http, "mlflow:down", "mlflow:restart,seconds=60") == SERVED


def test_restart_lasts_as_long_as_it_says(among):
    async def scene(world):
        started = time.monotonic()
        world.proxy.begin(0)
        while True:
            try:
                await exchange(await world.connect())
            except ConnectionRefusedError:
                await asyncio.sleep(0.01)
            else:
                break
        [(began, ended, _)] = world.proxy.report()
        return time.monotonic() - started, ended - began

    waited, lasted = among(scene, http, "mlflow:restart,seconds=0.3")
    assert 0.3 <= waited < 3
    assert 0.29 <= lasted < 3


def test_fault_of_one_service_is_none_of_another(among):
    async def scene(world):
        world.proxy.begin(0)
        return await exchange(await world.connect())

    assert among(scene, http, "s3:500", service="mlflow") == SERVED
