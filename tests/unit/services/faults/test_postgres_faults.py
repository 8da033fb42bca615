"""What faults do to connections to Postgres: a login is one request, and so is each query."""

import asyncio
import time

import pytest

from dagproof.services.faults.postgres_relay import Login

SSL = b"\0\0\0\x08\x04\xd2\x16\x2f"
STARTUP = b"\0\0\0\x0cusername"
AUTHENTICATION = b"R\0\0\0\x08\0\0\0\x05salt"
READY = b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I"
QUERY = b"Q\0\0\0\x0dSELECT 1\0"
ROW = b"D\0\0\0\x06ab"
TERMINATE = b"X\0\0\0\x04"


async def postgres(reader, writer):
    """Answer as Postgres does: no TLS, a password, and then each query."""
    assert await reader.readexactly(8) == SSL
    writer.write(b"N")
    assert await reader.readexactly(12) == STARTUP
    writer.write(AUTHENTICATION[:9])
    assert await reader.readexactly(1) == b"p"
    writer.write(READY)
    while await reader.read(1) == b"Q":
        await reader.readexactly(len(QUERY) - 1)
        writer.write(ROW)


async def login(client):
    reader, writer = client
    for said, heard in ((SSL, 1), (STARTUP, 9), (b"p", len(READY))):
        writer.write(said)
        await reader.readexactly(heard)


async def query(client):
    reader, writer = client
    writer.write(QUERY)
    return await reader.readexactly(len(ROW))


async def attempt(work):
    try:
        return await work
    except (OSError, asyncio.IncompleteReadError) as error:
        return type(error)


def test_login_and_each_query_are_a_request(among):
    async def scene(world):
        world.proxy.begin(0)
        client = await world.connect()
        await login(client)
        told = [await query(client), await query(client)]
        client[1].write(TERMINATE)
        assert await client[0].read() == b""
        return told, world.hits()

    told = among(scene, postgres, "postgres:slow,delay=0.01", service="postgres")
    assert told == ([ROW, ROW], [3])


def test_slow_postgres_answers_late_once_for_a_login(among):
    async def scene(world):
        world.proxy.begin(0)
        client = await world.connect()
        started = time.monotonic()
        await login(client)
        logged_in = time.monotonic()
        await query(client)
        return logged_in - started, time.monotonic() - logged_in

    for seconds in among(scene, postgres, "postgres:slow,delay=0.2", service="postgres"):
        assert 0.2 <= seconds < 0.4


def test_reset_comes_before_a_login(among):
    seen = []

    async def serve(reader, writer):
        seen.append(await reader.read())

    async def scene(world):
        world.proxy.begin(0)
        return await attempt(login(await world.connect())), world.hits()

    told = among(scene, serve, "postgres:reset", service="postgres")
    assert (told, seen) == ((ConnectionResetError, [1]), [])


def test_reset_hits_the_next_query_of_a_connection_that_was_open_before(among):
    async def scene(world):
        client = await world.connect()
        await login(client)
        world.proxy.begin(0)
        return await attempt(query(client)), world.hits()

    told = among(scene, postgres, "postgres:reset", service="postgres")
    assert told == (ConnectionResetError, [1])


def test_cut_lets_logins_pass_and_queries_be_carried_out(among):
    seen = []

    async def watched(reader, writer):
        await login_of(reader, writer)
        seen.append(await reader.readexactly(len(QUERY)))
        writer.write(ROW)
        assert await reader.read() == b""

    async def login_of(reader, writer):
        for heard, said in ((8, b"N"), (12, AUTHENTICATION[:9]), (1, READY)):
            await reader.readexactly(heard)
            writer.write(said)

    async def scene(world):
        world.proxy.begin(0)
        client = await world.connect()
        await login(client)
        return await attempt(query(client)), world.hits()

    told = among(scene, watched, "postgres:cut", service="postgres")
    assert told == (ConnectionResetError, [1])
    assert seen == [QUERY]


def test_connection_that_ends_before_a_word_is_none(among):
    async def scene(world):
        _, writer = await world.connect()
        writer.close()
        await asyncio.sleep(0.05)
        return len(world.connections)

    assert among(scene, postgres, "postgres:reset", service="postgres") == 0


def test_open_connection_is_missed_when_postgres_goes_down(among):
    async def scene(world):
        client = await world.connect()
        await login(client)
        world.proxy.begin(0)
        return await attempt(query(client)), world.hits()

    told = among(scene, postgres, "postgres:down", service="postgres")
    assert told == (ConnectionResetError, [1])


def test_login_is_over_when_postgres_is_ready_however_its_words_are_split():
    for size in (1, 2, 3, 50):
        login = Login()
        login.said(SSL)
        words = b"N" + AUTHENTICATION[:9] + READY
        overs = []
        for at in range(0, len(words), size):
            login.answered(words[at : at + size])
            overs.append(login.over)
        assert overs[-1]
        assert not any(overs[:-1])


@pytest.mark.parametrize("answer", [b"S", b"G"])
def test_encrypted_login_is_taken_for_over_since_nobody_can_follow_it(answer):
    login = Login()
    login.said(SSL)
    login.answered(answer)
    assert login.over


def test_login_without_a_question_for_encryption_is_followed():
    login = Login()
    login.said(STARTUP)
    login.answered(READY)
    assert login.begun
    assert login.over
