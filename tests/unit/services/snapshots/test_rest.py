"""MLflow's REST API over one connection, with the user's password where there is one."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dagproof.services.snapshots.rest import Refused, Rest


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.answer({})

    def do_POST(self):
        self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

    def answer(self, body):
        self.server.asked.append((self.command, self.path, body, self.headers["Authorization"]))
        self.server.connections.add(self.client_address)
        data = json.dumps({"got": body}).encode()
        self.send_response(404 if "missing" in self.path else 200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@pytest.fixture
def server():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.asked, server.connections = [], set()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def address(server, user=""):
    return f"http://{user}127.0.0.1:{server.server_port}"


def test_questions_go_over_one_connection(server):
    with Rest(f"{address(server)}/behind/", {}) as rest:
        assert rest.post("runs/search", {"a": 1}) == {"got": {"a": 1}}
        assert rest.get("models/search", {"page_token": "a b"}) == {"got": {}}
        assert rest.get("models/search", {}) == {"got": {}}
    assert [(method, path) for method, path, *_ in server.asked] == [
        ("POST", "/behind/api/2.0/mlflow/runs/search"),
        ("GET", "/behind/api/2.0/mlflow/models/search?page_token=a+b"),
        ("GET", "/behind/api/2.0/mlflow/models/search"),
    ]
    assert len(server.connections) == 1


@pytest.mark.parametrize(
    ("user", "environment", "told"),
    [
        ("", {}, None),
        ("u:p@", {}, "Basic dTpw"),
        ("", {"MLFLOW_TRACKING_USERNAME": "u", "MLFLOW_TRACKING_PASSWORD": "p"}, "Basic dTpw"),
    ],
)
def test_the_password_goes_with_each_question(server, user, environment, told):
    with Rest(address(server, user), environment) as rest:
        rest.get("x", {})
    assert server.asked[0][3] == told


def test_an_answer_that_is_none_is_refused_with_its_status(server):
    with Rest(address(server), {}) as rest, pytest.raises(Refused, match="404 to `missing`"):
        rest.get("missing", {})


def test_a_server_that_is_not_there_or_no_http_is_an_os_error():
    with Rest("http://127.0.0.1:9", {}) as rest, pytest.raises(OSError):
        rest.get("x", {})
