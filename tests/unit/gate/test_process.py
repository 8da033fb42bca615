"""The process of a stage: what it says is heard, and how it ended is known."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from multiprocessing import Pipe
from pathlib import Path

import pytest

from dagproof.config import Settings
from dagproof.gate import worker
from dagproof.gate.messages import Said, Told, Unable, Work
from dagproof.gate.process import Crew
from dagproof.lint import LintRequest
from dagproof.model import Report, UnavailableError, UsageError

BAD = """\
import mlflow
from airflow.sdk import DAG
mlflow.set_experiment('x')
with DAG('d') as dag:
    dag
"""


@pytest.fixture
def lint(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "dags").mkdir()
    (tmp_path / "dags/bad.py").write_text(BAD)
    return Work("lint", Settings(tmp_path, (tmp_path / "dags",)), LintRequest())


def test_stage_is_carried_out_in_another_process(lint):
    ended = Crew().carry_out(lint, lambda _: None)
    found = {(one.code, one.span.path, one.span.line) for one in ended.answer.report.findings}
    assert ("DP101", "dags/bad.py", 3) in found
    assert (ended.ending, ended.printed) == ("exit code 0", "")


def test_refusal_is_an_answer(lint, tmp_path):
    (tmp_path / "dags/bad.py").unlink()
    ended = Crew().carry_out(lint, lambda _: None)
    assert ended.answer.exit_code == 3
    assert ended.answer.message.startswith("There is no DAG file in dags")


def test_defect_of_ours_is_an_answer_and_its_traceback_is_kept(lint):
    ended = Crew().carry_out(Work("lint", lint.settings, "no request"), lambda _: None)
    assert ended.answer.message.startswith("dagproof itself failed: AttributeError: ")
    assert ended.answer.exit_code == 3
    assert "Traceback (most recent call last)" in ended.printed


class Dies:
    """Ends the process that unpickles it."""

    def __reduce__(self):
        return os._exit, (7,)


class Kills:
    """Kills the process that unpickles it."""

    def __reduce__(self):
        return exec, ("import os; print('last', flush=True); os.kill(os.getpid(), 9)",)


def test_process_that_cannot_begin_is_told(lint, monkeypatch):
    monkeypatch.setattr(sys, "executable", shutil.which("false"))
    large = Work("lint", lint.settings, "x" * 2**20)  # more than a pipe holds
    ended = Crew().carry_out(large, lambda _: None)
    assert (ended.answer, ended.ending) == (None, "exit code 1")


def test_stopped_crew_begins_nothing_more(lint):
    crew = Crew()
    crew.stop()
    ended = crew.carry_out(Work("lint", lint.settings, Dies()), lambda _: None)
    assert ended.answer == Unable("Interrupted.", 3)


def test_process_that_begins_while_the_crew_is_stopped_is_ended(lint, monkeypatch):
    crew = Crew()
    popen = subprocess.Popen

    def start(*arguments, **options):
        process = popen(*arguments, **options)
        crew.stop()
        return process

    monkeypatch.setattr(subprocess, "Popen", start)
    ended = crew.carry_out(lint, lambda _: None)
    assert ended.answer is None
    assert ended.ending in {"signal SIGINT", "exit code 130"}


@pytest.mark.parametrize(
    ("ends", "ending", "printed"), [(Dies, "exit code 7", ""), (Kills, "signal SIGKILL", "last")]
)
def test_process_that_ends_without_a_word_is_told(lint, ends, ending, printed):
    ended = Crew().carry_out(Work("lint", lint.settings, ends()), lambda _: None)
    assert (ended.answer, ended.ending, ended.printed) == (None, ending, printed)


class Sleeps:
    """Keeps the process that unpickles it busy."""

    def __reduce__(self):
        return time.sleep, (60,)


def test_stopped_process_ends_at_once(lint):
    crew, ended = Crew(), []
    work = Work("lint", lint.settings, Sleeps())
    thread = threading.Thread(target=lambda: ended.append(crew.carry_out(work, lambda _: None)))
    started = time.monotonic()
    thread.start()
    while not crew._processes:
        time.sleep(0.01)
    time.sleep(0.5)
    crew.stop()
    thread.join()
    assert time.monotonic() - started < 20
    assert ended[0].answer is None
    assert crew._processes == set()


def test_process_goes_with_the_gate_that_is_killed(lint, tmp_path):
    code = (
        "import sys, time, pathlib\n"
        "sys.path.insert(0, sys.argv[1])\n"
        "from unit.gate.test_process import Busy\n"
        "from dagproof.gate.process import Crew\n"
        "from dagproof.gate.messages import Work\n"
        "from dagproof.lint import LintRequest\n"
        "Crew().carry_out(Work('lint', Busy(sys.argv[2]), LintRequest()), lambda _: None)\n"
    )
    mark = tmp_path / "pid"
    tests = str(Path(__file__).parents[2])
    gate = subprocess.Popen([sys.executable, "-c", code, tests, str(mark)])
    deadline = time.monotonic() + 30
    while not mark.exists() or not mark.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    child = int(mark.read_text())
    assert _runs(child)
    gate.kill()
    gate.wait()
    while _runs(child):
        assert time.monotonic() < deadline
        time.sleep(0.05)


class Busy:
    """Becomes settings that write down the process which asks for one, and keep it waiting."""

    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        asked = (
            f"open({self.path!r}, 'w').write(str(__import__('os').getpid())), "
            "__import__('time').sleep(60)"
        )
        return eval, (f"type('B', (), {{'__getattr__': lambda self, name: ({asked})}})()",)


def _runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


kept_open = []


@pytest.fixture
def work(monkeypatch):
    """Carry out a stage in this process; return what it says."""
    kept = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}

    def carry_out(stage):
        ours, theirs = Pipe()
        kept_open.append(ours)  # a worker ends itself when the gate has gone
        monkeypatch.setitem(worker.STAGES, "stage", stage)
        ours.send(Work("stage", None, "request", {"more": 1}))
        code = worker.main(os.dup(theirs.fileno()))
        theirs.close()
        said = []
        while ours.poll():
            try:
                said.append(ours.recv())
            except EOFError:
                break
        return code, said

    yield carry_out
    for one, handler in kept.items():
        signal.signal(one, handler)


def test_worker_hands_its_stage_the_work_and_tells_its_report(work):
    def stage(given, send):
        send(Said("begins"))
        assert (given.request, given.more) == ("request", {"more": 1})
        return Told(Report(files=3))

    assert work(stage) == (0, [Said("begins"), Told(Report(files=3))])


@pytest.mark.parametrize(("error", "code"), [(UsageError, 2), (UnavailableError, 3)])
def test_worker_tells_refusals_with_their_exit_codes(work, error, code):
    def stage(_given, _send):
        raise error("No.")

    assert work(stage) == (0, [Unable("No.", code)])


def test_worker_that_is_interrupted_says_nothing(work):
    def stage(_given, _send):
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    assert work(stage) == (130, [])
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
