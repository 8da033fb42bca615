"""What the API server says of itself and the others."""

import http.server
import json
import socket
import threading
from contextlib import contextmanager

import pytest

from dagproof.cluster.health import health, is_healthy, service_state

WELL = {"status": "healthy"}
ALL = {"metadatabase": WELL, "scheduler": WELL, "dag_processor": WELL, "triggerer": WELL}


@contextmanager
def answering(body, code=404):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/api/v2/monitor/health" else code)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()


def test_all_well_is_healthy(monkeypatch):
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    with answering(json.dumps(ALL).encode()) as url:
        found = health(url)
    assert is_healthy(found)
    assert set(found) == {
        "api-server", "metadatabase", "scheduler", "dag-processor", "triggerer"
    }  # fmt: skip


def test_one_that_is_not_seen_or_not_well_is_told():
    said = {**ALL, "triggerer": {"status": None}, "scheduler": {"status": "unhealthy"}}
    del said["dag_processor"]
    with answering(json.dumps(said).encode()) as url:
        found = health(url)
    assert not is_healthy(found)
    assert found["triggerer"] == found["dag-processor"] == "not seen"
    assert found["scheduler"] == "unhealthy"
    assert found["api-server"] == "healthy"


def test_server_that_does_not_answer_or_talks_nonsense_is_not_well():
    with answering(b"<html>") as url:
        assert health(url) == {"api-server": "no answer"}
    assert health(url, timeout=1) == {"api-server": "no answer"}
    assert not is_healthy(health(url, timeout=1))


@pytest.mark.parametrize(
    ("code", "state"), [(200, "healthy"), (403, "healthy"), (500, "unhealthy"), (503, "unhealthy")]
)
def test_service_that_refuses_a_stranger_is_well_and_one_that_fails_is_not(code, state):
    with answering(b"", code) as url:
        assert service_state(f"{url}/bucket", 2) == state


def test_service_that_does_not_answer_is_not_well():
    with answering(b"") as url:
        pass
    assert service_state(url, 1) == "no answer"
    with socket.create_server(("127.0.0.1", 0)) as deaf:
        url = f"http://127.0.0.1:{deaf.getsockname()[1]}"
        assert service_state(url, 0.2) == "no answer"
        assert health(url, 0.2) == {"api-server": "no answer"}
