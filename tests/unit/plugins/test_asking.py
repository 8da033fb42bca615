"""Whatever a server does, a small question of MLflow is answered or given up within seconds."""

import os
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from mlops import connectivity, mlflow_session
from mlops.mlflow_session import TrackingError, ask


def question(client):
    return client.search_experiments(max_results=1)


@contextmanager
def answering(status, *, headers=(), seconds=0.0, body=b"{}"):
    """Yield the address of a server, and the requests that it got."""
    requests = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            requests.append(self.path)
            time.sleep(seconds)
            self.send_response(status(len(requests)) if callable(status) else status)
            for header in headers:
                self.send_header(*header)
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST  # noqa: N815 - http.server calls it

        def log_message(self, *_):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        server.server_close()


@pytest.fixture
def dripping():
    """A server that sends one byte of its answer now and then, for as long as the test lasts."""
    over = threading.Event()
    listener = socket.create_server(("127.0.0.1", 0))

    def drip():
        with suppress(OSError), listener.accept()[0] as connection:
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
            while not over.wait(0.05):
                connection.sendall(b" ")

    threading.Thread(target=drip, daemon=True).start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    over.set()
    listener.close()


@pytest.fixture
def silent():
    """A server that takes connections and never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"


@pytest.mark.parametrize("status", [429, 503])
def test_server_that_asks_for_an_hour_is_not_given_it(status):
    began = time.monotonic()
    with (
        answering(status, headers=[("Retry-After", "3600")]) as (address, requests),
        pytest.raises(TrackingError, match=f"does not answer .too many {status} error responses"),
    ):
        ask(address, question)
    assert time.monotonic() - began < 10
    assert len(requests) == 2


def test_server_that_fails_once_is_asked_again():
    with answering(lambda count: 500 if count == 1 else 200) as (address, requests):
        assert list(ask(address, question)) == []
    assert len(requests) == 2


def test_answer_that_never_ends_is_given_up(dripping, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")
    began = time.monotonic()
    with pytest.raises(TrackingError, match=r"\(it did not answer in time\)\. Start it, or set"):
        ask(dripping, question)
    assert time.monotonic() - began < 8


def test_questions_of_many_threads_do_not_wait_for_one_another(silent, monkeypatch):
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_TIMEOUT", "1")

    def given_up(_):
        with pytest.raises(TrackingError, match="did not answer in time"):
            ask(silent, question)

    given_up(0)
    began = time.monotonic()
    with ThreadPoolExecutor(12) as threads:
        list(threads.map(given_up, range(12)))
    assert time.monotonic() - began < 8, "in turn they take twelve seconds"


def test_patience_is_put_back_by_the_last_who_asks():
    name = "MLFLOW_HTTP_REQUEST_TIMEOUT"
    assert name not in os.environ
    inside, go_on = threading.Event(), threading.Event()

    def slowly(_):
        inside.set()
        assert go_on.wait(30)
        return os.environ[name]

    with answering(200) as (address, _), ThreadPoolExecutor(1) as threads:
        told = threads.submit(ask, address, slowly)
        assert inside.wait(30)
        assert ask(address, lambda _: os.environ[name]) == "4"
        assert os.environ[name] == "4", "somebody still asks"
        go_on.set()
        assert told.result(30) == "4"
    assert name not in os.environ


def test_error_of_the_question_comes_out_as_it_is():
    with answering(200) as (address, _), pytest.raises(ZeroDivisionError):
        ask(address, lambda _: 1 / 0)


@pytest.mark.parametrize("address", ["http://me:secret@m:99999", "http://me:secret@m:port"])
def test_what_is_no_address_is_told_without_its_password(address, monkeypatch):
    monkeypatch.setenv("MLFLOW_TRACKING_URI", address)
    with pytest.raises(TrackingError, match=r"^`m:\w+` is no address of MLflow; set") as refused:
        connectivity.check_mlflow()
    assert "secret" not in str(refused.value)


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("http://me:secret@m:1/a", "http://m:1/a"),
        ("sqlite:////a/b.db", "sqlite:////a/b.db"),
        ("http://m/a@b", "http://m/a@b"),
        ("databricks", "databricks"),
    ],
)
def test_address_is_shown_without_its_password(address, shown):
    assert mlflow_session.public(address) == shown
