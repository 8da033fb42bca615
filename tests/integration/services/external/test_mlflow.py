"""An MLflow server that exists already: whose it is, how it gets clean, what goes wrong with it."""

import http.server
import os
import socket
import threading
import time
from contextlib import contextmanager

import pytest

from dagproof.model import UnavailableError
from dagproof.services import embedded, mlflow_client
from dagproof.services.external import external
from dagproof.services.mlflow_api import api, ask


@pytest.fixture(scope="module")
def tenancy(cache):
    """Give an embedded tenancy, whose MLflow plays one that exists already."""
    with embedded(["mlflow"], cache=cache) as tenancy:
        tenancy.wait()
        yield tenancy


@pytest.fixture
def url(tenancy):
    """Give the address of an MLflow that is as new."""
    tenancy.reset()
    return tenancy.environment["MLFLOW_TRACKING_URI"]


@pytest.fixture
def client(url):
    """Give a client of it."""
    return mlflow_client({"MLFLOW_TRACKING_URI": url})


@pytest.fixture
def server(url):
    """Give its REST API."""
    return api({"MLFLOW_TRACKING_URI": url})


def hold(url):
    return external(["mlflow"], {**os.environ, "DAGPROOF_MLFLOW_URL": url})


def refusal(url):
    started = time.monotonic()
    with hold(url) as held, pytest.raises(UnavailableError) as caught:
        held.wait()
    assert time.monotonic() - started < 10
    return str(caught.value)


def make_trace(server, experiment="0"):
    info = {
        "trace_id": f"tr-{time.monotonic_ns()}",
        "trace_location": {
            "type": "MLFLOW_EXPERIMENT",
            "mlflow_experiment": {"experiment_id": experiment},
        },
        "request_time": "2026-01-01T00:00:00Z",
        "state": "OK",
    }
    ask(server, "/api/3.0/mlflow/traces", {"trace": {"trace_info": info}})


def make_prompt(server):
    tags = [{"key": "mlflow.prompt.is_prompt", "value": "true"}]
    ask(server, "registered-models/create", {"name": "greeting", "tags": tags})


def make_webhook(server):
    event = {"entity": "REGISTERED_MODEL", "action": "CREATED"}
    body = {"name": "hook", "url": "https://93.184.215.14/hook", "events": [event]}
    ask(server, "webhooks", body)


MAKERS = {
    "experiment `taxi`": lambda server: ask(server, "experiments/create", {"name": "taxi"}),
    "run `": lambda server: ask(server, "runs/create", {"experiment_id": "0"}),
    "registered model `m`": lambda server: ask(server, "registered-models/create", {"name": "m"}),
    "prompt `greeting`": make_prompt,
    "trace `tr-": make_trace,
    "logged model `m-": lambda server: ask(
        server, "logged-models", {"experiment_id": "0", "name": "m"}
    ),
    "dataset `d-": lambda server: ask(
        server, "/api/3.0/mlflow/datasets/create", {"name": "d", "experiment_ids": ["0"]}
    ),
    "webhook `": make_webhook,
}


@pytest.mark.parametrize("named", MAKERS)
def test_a_server_that_is_not_empty_is_refused_and_then_emptied_once_it_is_ours(
    tenancy, url, server, named
):
    MAKERS[named](server)
    text = refusal(url)
    assert f"neither empty nor marked as dagproof's: it holds {named}" in text
    assert refusal(url) == text, "nothing has changed"

    tenancy.reset()
    with hold(url) as held:
        held.wait()
        MAKERS[named](server)
        held.reset()
    unmark(server)
    with hold(url) as held:
        if named in ("experiment `taxi`", "run `"):  # they are hidden, and could come back
            with pytest.raises(UnavailableError, match=r"the deleted experiment|run `"):
                held.wait()
        else:
            held.wait()


def unmark(server):
    body = {"experiment_id": "0", "key": "dagproof"}
    ask(server, "experiments/delete-experiment-tag", body)


def test_a_deleted_experiment_of_somebody_is_theirs(client, url):
    client.delete_experiment(client.create_experiment("taxi"))

    assert "it holds the deleted experiment `taxi`" in refusal(url)


def test_the_default_experiment_comes_back_whatever_was_done_to_it(client, url):
    with hold(url) as held:
        held.wait()
        client.set_experiment_tag("0", "team", "x")
        client.rename_experiment("0", "mine")
        client.create_experiment("Default")
        client.delete_experiment("0")
        held.reset()

        [default] = client.search_experiments()
        assert (default.name, default.experiment_id, set(default.tags)) == (
            "Default",
            "0",
            {"dagproof"},
        )
        held.reset()


def test_names_are_free_again_however_the_experiment_was_deleted(client, url):
    with hold(url) as held:
        held.wait()
        for _ in range(3):
            client.delete_experiment(client.create_experiment("one"))
            client.create_experiment("two")
            held.reset()
    with hold(url) as held:
        held.wait()
        client.create_experiment("one")
        client.create_experiment("two")


def test_a_reset_looks_no_further_back_than_the_last_one(client, url, monkeypatch):
    from dagproof.services.external import tracking

    with hold(url) as held:
        held.wait()
        for number in range(3):
            client.create_experiment(f"e{number}")
        held.reset()
        monkeypatch.setattr(tracking, "_PAGE", 1)
        asked = []
        real = ask
        monkeypatch.setattr(
            "dagproof.services.mlflow_api.ask",
            lambda server, path, *rest: asked.append(path) or real(server, path, *rest),
        )
        held.reset()
    assert asked.count("experiments/search") <= 2


def test_whoever_takes_a_server_from_another_machine_is_named(url, server, monkeypatch):
    with hold(url) as held:
        held.wait()
        with monkeypatch.context() as elsewhere:
            elsewhere.setattr(
                "dagproof.services.external.holder._machine", lambda: "other-host/boot"
            )
            with hold(url) as taker:
                taker.wait()
                elsewhere.undo()
                with pytest.raises(
                    UnavailableError, match=r"was taken by process .* on other-host"
                ):
                    held.reset()
        with pytest.raises(UnavailableError, match="somebody who removed its mark"):
            held.reset()


@contextmanager
def answering(status, headers, body):
    """Give the address of a server that answers everything alike."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        do_POST = do_GET  # noqa: N815  the name is http.server's

        def log_message(self, *_):
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("status", "body", "said"),
    [
        (200, b"<html>Welcome</html>", "not MLflow's). Name an MLflow server in"),
        (200, b"{}", "not MLflow's). Name an MLflow server in"),
        (404, b"Not Found", "(404: Not Found). Name an MLflow server in"),
        (401, b"Unauthorized", "(401: Unauthorized). Check the user and the password in"),
        (403, b"Invalid Host header", "Start it with this host among `--allowed-hosts`"),
    ],
)
def test_what_a_server_answers_is_told(status, body, said):
    with answering(status, {}, body) as url:
        assert said in refusal(url.replace("//", "//user:sekret@"))
        assert "sekret" not in refusal(url.replace("//", "//user:sekret@"))


def test_a_port_that_nobody_listens_to_and_one_without_tls_are_told(url):
    assert "Connection refused" in refusal("http://127.0.0.1:1")
    assert "SSL" in refusal(url.replace("http:", "https:"))
    assert "does not answer as it should" in refusal("http://no-such-host.invalid:5000")


def test_a_server_that_says_nothing_is_not_waited_for_long():
    with socket.create_server(("127.0.0.1", 0)) as listener:
        text = refusal(f"http://127.0.0.1:{listener.getsockname()[1]}")
    assert "timed out" in text
