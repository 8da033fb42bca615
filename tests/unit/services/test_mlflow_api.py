"""Questions to MLflow's REST API, asked of a server that answers as told."""

import base64
import http.server
import json
import ssl
import threading

import pytest

from dagproof.services import mlflow_api
from dagproof.services.mlflow_api import Api, ApiError, api, ask, pages


@pytest.fixture
def server():
    """Give a server on loopback: `answers` by path, and the requests that it was `asked`."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            length = int(self.headers.get("Content-Length", 0))
            body = self.rfile.read(length)
            found.asked.append((self.command, self.path, body, self.headers))
            status, headers, text = found.answers[self.path]
            self.wfile.write(f"HTTP/1.0 {status} x\r\n".encode() if status else b"SSH-2.0\r\n")
            for header in headers:
                self.wfile.write(header.encode() + b"\r\n")
            self.wfile.write(b"\r\n" + text.encode())

        do_POST = do_DELETE = do_GET  # noqa: N815  the names are http.server's

        def log_message(self, *_):
            pass

    found = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.answers, found.asked = {}, []
    found.api = Api(f"http://127.0.0.1:{found.server_port}", timeout=5)
    threading.Thread(target=found.serve_forever, daemon=True).start()
    yield found
    found.shutdown()
    found.server_close()


def answer(document, status=200):
    return status, [], json.dumps(document)


def test_a_question_goes_below_the_api_or_where_it_says(server):
    server.answers = {"/api/2.0/mlflow/a": answer({"x": 1}), "/b": answer({"y": 2})}

    assert ask(server.api, "a") == {"x": 1}
    assert ask(server.api, "/b", {"z": 3}) == {"y": 2}
    assert ask(server.api, "/b", method="DELETE") == {"y": 2}
    assert [(command, body) for command, _, body, _ in server.asked] == [
        ("GET", b""),
        ("POST", b'{"z": 3}'),
        ("DELETE", b""),
    ]


def test_credentials_are_those_that_mlflows_client_would_send():
    basic = "Basic " + base64.b64encode(b"me:sekret").decode()
    pair = {"MLFLOW_TRACKING_USERNAME": "me", "MLFLOW_TRACKING_PASSWORD": "sekret"}
    token = {"MLFLOW_TRACKING_TOKEN": "t"}
    address = {"MLFLOW_TRACKING_URI": "http://host/"}

    assert api(address).authorization == ""
    assert api(address | pair, token).authorization == basic
    assert api(address, pair).authorization == basic
    assert api(address, token).authorization == "Bearer t"
    assert api(address, {"MLFLOW_TRACKING_USERNAME": "me"}).authorization == ""
    assert api(address).address == "http://host"
    assert api(address, {"MLFLOW_TRACKING_INSECURE_TLS": "true"}).insecure
    assert api(address, {"MLFLOW_TRACKING_SERVER_CERT_PATH": "/ca"}).authority == "/ca"
    assert "sekret" not in repr(api(address | pair))
    assert base64.b64encode(b"me:sekret").decode() not in repr(api(address | pair))


def test_credentials_do_not_follow_a_redirect(server):
    server.answers = {
        "/api/2.0/mlflow/a": (302, ["Location: /elsewhere"], ""),
        "/elsewhere": answer({}),
    }
    known = Api(server.api.address, authorization="Basic x")

    assert ask(known, "a") == {}
    assert [headers["Authorization"] for *_, headers in server.asked] == ["Basic x", None]


@pytest.mark.parametrize(
    ("given", "status", "code", "said"),
    [
        (answer({"error_code": "GONE", "message": "no more"}, 404), 404, "GONE", "no more"),
        (answer({"error_code": "GONE"}, 404), 404, "GONE", "^$"),
        (answer([], 500), 500, "", "[]"),
        ((403, [], "Invalid Host header"), 403, "", "Invalid Host header"),
        ((200, [], "<html>"), 200, "", "something that is not MLflow's"),
        (answer([]), 200, "", "something that is not MLflow's"),
        ((0, [], ""), 0, "", "does not speak HTTP"),
    ],
)
def test_what_is_no_answer_is_told(server, given, status, code, said):
    server.answers = {"/api/2.0/mlflow/a": given}
    with pytest.raises(ApiError, match=said.replace("[", r"\[")) as refusal:
        ask(server.api, "a")
    assert (refusal.value.status, refusal.value.code) == (status, code)


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_are_asked_for_until_the_last(server, method):
    path = "/api/2.0/mlflow/a"
    first, last = answer({"x": [1, 2], "next_page_token": "t"}), answer({"x": [3]})
    server.answers = {f"{path}?n=2": first, f"{path}?n=2&page_token=t": last, path: last}
    if method == "POST":
        server.answers[path] = last

    found = list(pages(server.api, "a", "x", {"n": 2}, method))
    assert found == ([1, 2, 3] if method == "GET" else [3])


def test_a_later_page_is_asked_for_by_post_too(monkeypatch):
    asked = []

    def answers(_server, _path, body):
        asked.append(body)
        return {"x": [len(asked)], "next_page_token": "t" if len(asked) < 3 else ""}

    monkeypatch.setattr(mlflow_api, "ask", answers)
    assert list(pages(Api("http://host"), "a", "x", {"n": 2})) == [1, 2, 3]
    assert asked == [{"n": 2}, {"n": 2, "page_token": "t"}, {"n": 2, "page_token": "t"}]


def test_a_server_of_this_machine_is_asked_past_proxies(server, monkeypatch):
    server.answers = {"/api/2.0/mlflow/a": answer({})}
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")

    assert ask(server.api, "a") == {}
    with pytest.raises(OSError, match="refused"):
        ask(Api("http://mlflow.invalid"), "a")


@pytest.mark.parametrize("insecure", [True, False])
def test_certificates_are_checked_unless_told_otherwise(monkeypatch, insecure):
    import urllib.request

    contexts = []

    class Watched(urllib.request.HTTPSHandler):
        def __init__(self, context=None):
            contexts.append(context)
            super().__init__(context=context)

    monkeypatch.setattr(urllib.request, "HTTPSHandler", Watched)
    mlflow_api._opener(Api("https://host", insecure=insecure))

    assert contexts[0].verify_mode == (ssl.CERT_NONE if insecure else ssl.CERT_REQUIRED)
    assert contexts[0].check_hostname is not insecure
