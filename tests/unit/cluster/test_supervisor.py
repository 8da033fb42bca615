"""What the supervisor hears and says, and that it takes all along."""

import contextlib
import errno
import io
import json
import os
import subprocess
import sys

import pytest

from dagproof.cluster import supervisor
from dagproof.cluster.place import ClusterPlace
from dagproof.cluster.plan import Plan
from dagproof.model import UnavailableError, UsageError


class FakeDeployment:
    """A deployment that is healthy at the second look, and goes on until told."""

    def __init__(self, record, until):
        self._record = record
        self._until = until
        self.looks = 0

    def start(self):
        pass

    def is_healthy(self):
        self.looks += 1
        return self.looks > 1

    def write_record(self, seconds):
        self._record.write_text(str(seconds))

    def look_after(self):
        self.looks += 1
        self._until(self.looks)


@pytest.fixture
def supervise(monkeypatch, tmp_path):
    """Give a function that runs a supervisor in this process, and returns code and messages."""
    place = ClusterPlace(tmp_path / "c")
    ended = []
    monkeypatch.setattr(supervisor.signal, "signal", lambda *_: None)
    monkeypatch.setattr(supervisor, "adopt_orphans", lambda: ended.append("adopt"))
    monkeypatch.setattr(supervisor, "end_leftovers", ended.append)
    monkeypatch.setattr(supervisor, "end_all_below", lambda: ended.append("below"))
    monkeypatch.setattr(supervisor, "_TICK_SECONDS", 0)
    umask = os.umask(0o077)

    def run(told="stay\n", until=lambda _: None, failure=None, hang_up=True):
        @contextlib.contextmanager
        def opened(plan, place, progress):
            progress("Working")
            if failure:
                raise failure
            ended.append("services")
            yield FakeDeployment(place.record, until)

        monkeypatch.setattr(supervisor, "opened", opened)
        (their_in, our_out), (our_in, their_out) = os.pipe(), os.pipe()
        plan = Plan(tmp_path, place.folder)
        os.write(our_out, f"{plan.to_json()}\n{told}".encode())
        if hang_up:
            os.close(our_out)
        err = os.dup(2)
        with (
            os.fdopen(their_in) as stdin,
            os.fdopen(their_out, "w") as stdout,
            os.fdopen(err, "w") as stderr,
        ):
            monkeypatch.setattr(sys, "stdin", stdin)
            monkeypatch.setattr(sys, "stdout", stdout)
            monkeypatch.setattr(sys, "stderr", stderr)
            try:
                code = supervisor.main()
            finally:
                monkeypatch.setattr(sys, "stdout", io.StringIO())
                for descriptor in opened_by_client:
                    os.close(descriptor)
        with os.fdopen(our_in) as answers:
            messages = [json.loads(line) for line in answers]
        return code, messages, place, ended

    opened_by_client = []
    original = supervisor.Client.__init__

    def init(self):
        original(self)
        opened_by_client.append(self._write)

    monkeypatch.setattr(supervisor.Client, "__init__", init)
    yield run
    os.umask(umask)


def leave_after(looks):
    def until(seen):
        if seen > looks:
            supervisor._leave()

    return until


def test_it_stays_when_told_to_and_stops_when_told_to(supervise):
    code, messages, place, ended = supervise(until=leave_after(5))

    assert code == 0
    assert messages == [{"progress": "Working"}, {"ready": True}]
    assert not place.record.exists()
    assert not place.is_held()
    # The keeper of the services, which others use too, must not become ours to end.
    assert ended == [place.folder, "services", "adopt", "below"]


def test_client_that_goes_without_a_word_ends_it(supervise):
    code, messages, place, ended = supervise(told="", until=lambda _: pytest.fail("it went on"))

    assert code == 0
    assert {"ready": True} not in messages
    assert messages[-1]["error"] == "The cluster was taken down while it started."
    assert ended[-1] == "below"
    assert not place.is_held()


@pytest.mark.parametrize("error", [UsageError("Wrong."), UnavailableError("Missing.")])
def test_refusal_is_told_with_its_exit_code(supervise, error):
    code, messages, _, ended = supervise(failure=error)

    assert code == error.exit_code
    assert messages[-1] == {"error": str(error), "exit_code": error.exit_code}
    assert ended[-1] == "below"


def test_who_is_told_twice_to_leave_is_not_disturbed_while_it_leaves():
    code = (
        "import os, signal\n"
        "from dagproof.cluster import supervisor\n"
        "signal.signal(signal.SIGTERM, supervisor._leave)\n"
        "try:\n    os.kill(os.getpid(), signal.SIGTERM)\n"
        "except supervisor._LeaveError:\n    os.kill(os.getpid(), signal.SIGTERM)\n"
        "    os.kill(os.getpid(), signal.SIGINT)\n    print('left')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "left\n"


def test_full_disk_is_one_sentence_with_the_way_out(supervise):
    full = OSError(errno.ENOSPC, "No space left on device")
    code, messages, place, _ = supervise(failure=full)
    assert code == 3
    assert messages[-1]["exit_code"] == 3
    assert messages[-1]["error"] == (
        f"`{place.folder}` cannot be written (No space left on device). "
        "Make it writable, or set `DAGPROOF_CACHE` to another folder."
    )


def test_other_trouble_of_the_system_is_told_as_a_defect(supervise):
    with pytest.raises(OSError, match="refused"):
        supervise(failure=OSError(errno.ECONNREFUSED, "refused"))


def test_defect_is_told_too(supervise):
    with pytest.raises(ValueError, match="oops"):
        supervise(failure=ValueError("oops"))


def test_second_supervisor_of_a_place_gives_way(supervise, tmp_path):
    place = ClusterPlace(tmp_path / "c")
    place.make()
    with place.hold():
        code, messages, _, ended = supervise()
    assert code == 3
    assert "just begun a cluster" in messages[-1]["error"]
    assert ended == []
