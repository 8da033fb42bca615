"""What the API server says of itself and the others."""

import http.server
import json
import threading
from contextlib import contextmanager

from dagproof.cluster.health import health, is_healthy

WELL = {"status": "healthy"}
ALL = {"metadatabase": WELL, "scheduler": WELL, "dag_processor": WELL, "triggerer": WELL}


@contextmanager
def answering(body):
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/api/v2/monitor/health" else 404)
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
