"""One container, seen from outside."""

import http.server
import threading
from types import SimpleNamespace

import pytest
from docker.errors import APIError, NotFound

from dagproof.model import UnavailableError
from dagproof.services.containers.box import Box


class FakeContainer:
    """What Testcontainers gives, with the parts that a box asks for."""

    def __init__(self, *, status="running", log=b"", trouble=None):
        self.status = status
        self.log = log
        self.trouble = trouble
        self.put = []
        self.ran = []
        self.result = SimpleNamespace(exit_code=0, output=(b"out", b""))

    def reload(self):
        if self.trouble:
            raise self.trouble

    def stop(self):
        if self.trouble:
            raise self.trouble
        self.status = "gone"

    def get_wrapped_container(self):
        return self

    def logs(self, tail):
        if self.trouble:
            raise self.trouble
        return b"\n".join(self.log.splitlines()[-tail:])

    def exec_run(self, command, *, environment, demux):
        self.ran.append((command, environment))
        assert demux
        return self.result

    def put_archive(self, folder, data):
        self.put.append((folder, data))


@pytest.fixture
def server():
    class Answers(http.server.BaseHTTPRequestHandler):
        codes = [503, 503, 200]  # noqa: RUF012

        def do_GET(self):
            self.send_response(self.codes.pop(0) if len(self.codes) > 1 else self.codes[0])
            self.end_headers()

        def log_message(self, *_):
            return

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def box(container, port=1):
    return Box("mlflow", container, "127.0.0.1", port)


def test_it_waits_until_the_answer_is_200(server):
    checked = []
    box(FakeContainer(), server.server_port).wait("/x", lambda: checked.append(1))

    assert len(checked) == 2


def test_a_client_that_has_gone_ends_the_wait():
    def gone():
        raise InterruptedError

    with pytest.raises(InterruptedError):
        box(FakeContainer()).wait("/x", gone)


def test_a_container_that_ends_is_told_with_the_end_of_its_log():
    container = FakeContainer(status="exited", log=b"begin\n" * 30 + b"no such table")

    with pytest.raises(UnavailableError, match="container of mlflow has ended") as raised:
        box(container).wait("/x", lambda: None)
    assert str(raised.value).count("begin") == 14
    assert str(raised.value).endswith("no such table")


def test_patience_ends(monkeypatch):
    monkeypatch.setattr("dagproof.services.containers.box._READY_SECONDS", 0.1)

    with pytest.raises(UnavailableError, match="mlflow answers nothing to `/x`"):
        box(FakeContainer()).wait("/x", lambda: None)


def test_a_container_that_nobody_knows_is_not_alive():
    assert box(FakeContainer()).alive()
    assert not box(FakeContainer(trouble=NotFound("gone"))).alive()


def test_a_full_disk_in_its_log_gets_its_own_advice():
    container = FakeContainer(log=b"could not extend file: No space left on device")

    assert str(box(container).failure("Postgres refuses.")).startswith("The disk that holds Docker")


def test_a_log_that_is_gone_leaves_the_sentence():
    assert str(box(FakeContainer(trouble=NotFound("x"))).failure("It ended.")) == "It ended."


def test_a_program_inside_gives_what_it_writes():
    container = FakeContainer()

    assert box(container).carry_out(["psql", "-V"], PGUSER="x") == b"out"
    assert container.ran == [(["psql", "-V"], {"PGUSER": "x"})]


def test_a_program_inside_that_fails_is_named_with_its_last_word():
    container = FakeContainer()
    container.result = SimpleNamespace(exit_code=1, output=(None, b"first\nno such role\n"))

    with pytest.raises(UnavailableError, match="`psql` fails in the container: no such role"):
        box(container).carry_out(["psql"])


def test_a_file_is_put_as_an_archive_of_one():
    import io
    import tarfile

    container = FakeContainer()
    box(container).put("/tmp", "x.sql", b"SELECT 1")
    folder, data = container.put[0]
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        (member,) = tar.getmembers()
        assert (folder, member.name, tar.extractfile(member).read()) == (
            "/tmp",
            "x.sql",
            b"SELECT 1",
        )


def test_what_is_gone_or_going_needs_no_removal():
    going = APIError("removal of container x is already in progress")
    box(FakeContainer(trouble=NotFound("x"))).remove()
    box(FakeContainer(trouble=going)).remove()

    with pytest.raises(APIError, match="denied"):
        box(FakeContainer(trouble=APIError("denied"))).remove()
