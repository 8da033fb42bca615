"""What is wrong with a database that exists already is one sentence, soon, without a password."""

import socket
import threading
import time
from urllib.parse import quote

import pytest
from integration.external_urls import PASSWORD, administrator

from dagproof.model import UnavailableError


@pytest.mark.parametrize(
    ("parts", "said"),
    [
        ({"password": "wr%20ong"}, "authentication failed.*Check the user and the password"),
        ({"user": "nobody_here"}, "authentication failed.*Check the user and the password"),
        ({"name": "not_there"}, "does not exist.*Create it, empty"),
        ({"name": "x?sslmode=require"}, "does not support SSL"),
        ({"name": "x?nonsense=1"}, "has a parameter that libpq does not know"),
        ({"host": "127.0.0.1:1"}, "refused"),
        ({"host": "no-such-host.invalid"}, "could not translate host name|resolve"),
    ],
)
def test_what_is_wrong_with_an_address_is_one_sentence_at_once(url, parts, said, hold, swap):
    started = time.monotonic()
    with hold(swap(url, **parts)) as tenancy, pytest.raises(UnavailableError, match=said) as text:
        tenancy.wait()
    assert time.monotonic() - started < 10
    for secret in (PASSWORD, quote(PASSWORD, safe=""), "wr%20ong", "wr ong"):
        assert secret not in str(text.value)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 400 Bad Request\r\n\r\n", b""])
def test_a_server_that_is_no_postgres_is_told_within_ten_seconds(url, answer, refusal, swap):
    def serve():
        connection, _ = listener.accept()
        connection.sendall(answer)
        ended.wait(20)
        connection.close()

    ended = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=serve, daemon=True).start()
        started = time.monotonic()
        text = refusal(swap(url, host=f"127.0.0.1:{listener.getsockname()[1]}"))
        ended.set()
    assert time.monotonic() - started < 10
    assert "cannot be used" in text
    assert "Check `DAGPROOF_POSTGRES_URL`" in text


def test_a_user_who_may_only_read_is_told_what_is_needed(server, url, refusal, swap):
    with administrator(server) as cursor:
        cursor.execute("DROP ROLE IF EXISTS reader")
        cursor.execute("CREATE ROLE reader LOGIN PASSWORD 'reader'")
    text = refusal(swap(url, user="reader", password="reader"))

    assert "permission denied" in text
    assert "Use a user who owns the database" in text
