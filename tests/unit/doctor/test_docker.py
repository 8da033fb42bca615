"""Docker is asked over its own socket, where somebody could want containers."""

import http.server
import os
import socket
import socketserver
import threading
from pathlib import Path

import pytest

from dagproof.doctor import docker


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Api-Version", "1.50")
        self.end_headers()
        self.wfile.write(b"OK")

    def address_string(self):
        return ""

    def log_message(self, *_):
        pass


class _Server(socketserver.ThreadingUnixStreamServer):
    daemon_threads = True


@pytest.fixture
def place(tmp_path, monkeypatch):
    """Return a path for a socket that is short enough for one."""
    monkeypatch.chdir(tmp_path)
    return "docker.sock"


@pytest.fixture
def wanted(monkeypatch):
    """Return the environment in which containers are wanted."""
    monkeypatch.setattr(docker, "_usual", lambda _: [])
    return lambda place="": {
        "DAGPROOF_SERVICES": "containers", **({"DOCKER_HOST": place} if place else {}),
    }  # fmt: skip


def test_docker_that_answers_is_fine(told, place, wanted):
    with _Server(place, _Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        found = told(docker.docker, environ=wanted(f"unix://{place}"))
        server.shutdown()

    assert found == [("ok", "answers at docker.sock, API 1.50", "")]


def test_docker_that_does_not_run_is_a_problem_where_it_is_wanted(told, wanted):
    ((state, sentence, command),) = told(docker.docker, environ=wanted())

    assert (state, command) == ("problem", "sudo systemctl start docker")
    assert sentence == "Docker does not run here; `--services embedded` needs none"


def test_docker_is_not_asked_for_where_nobody_could_want_it(told, monkeypatch):
    monkeypatch.setattr(docker, "importable", lambda _: False)

    assert told(docker.docker) == []


def test_docker_that_does_not_run_is_fine_where_it_is_not_wanted(told, monkeypatch):
    monkeypatch.setattr(docker, "importable", lambda _: True)
    monkeypatch.setattr(docker, "_usual", lambda _: [])

    assert told(docker.docker)[0][0] == "ok"


def test_socket_where_nobody_listens_is_told(told, place, wanted):
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(place)

    ((state, sentence, _),) = told(docker.docker, environ=wanted(f"unix://{place}"))

    assert state == "problem"
    assert "does not answer at docker.sock (Connection refused)" in sentence


def test_socket_that_is_not_ones_own_is_told(told, place, wanted, monkeypatch):
    Path(place).touch()

    def refused(_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(docker, "_ping", refused)

    ((_, sentence, command),) = told(docker.docker, environ=wanted(f"unix://{place}"))

    assert "does not let you in" in sentence
    assert command == "sudo usermod -aG docker $USER"


def test_something_else_behind_the_socket_is_told(told, place, wanted):
    class Odd(socketserver.StreamRequestHandler):
        def handle(self):
            self.rfile.readline()
            self.wfile.write(b"SSH-2.0\r\n\r\n")

    with _Server(place, Odd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        ((_, sentence, _),) = told(docker.docker, environ=wanted(f"unix://{place}"))
        server.shutdown()

    assert "(it answers BadStatusLine)" in sentence


def test_docker_that_keeps_silent_is_not_waited_for(told, place, wanted, monkeypatch):
    monkeypatch.setattr(docker, "_PATIENCE", 0.05)
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(place)
        silent.listen()
        ((_, sentence, _),) = told(docker.docker, environ=wanted(f"unix://{place}"))

    assert "(timed out)" in sentence


def test_docker_elsewhere_is_not_asked(told, wanted):
    assert told(docker.docker, environ=wanted("tcp://h:1"))[0][:2] == (
        "ok", "`DOCKER_HOST` is tcp://h:1, which is not asked here",
    )  # fmt: skip


@pytest.mark.parametrize("runtime", ["", "/run/user/7"])
def test_usual_places_are_those_of_the_system_and_of_the_user(surroundings, runtime):
    found = docker._usual(surroundings(environ={"XDG_RUNTIME_DIR": runtime}))

    assert found[0] == "/var/run/docker.sock"
    assert (f"{runtime}/docker.sock" in found) is bool(runtime)
    assert all(os.path.isabs(one) for one in found)  # noqa: PTH117 - they are texts
