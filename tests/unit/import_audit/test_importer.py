"""A process that ends in the middle of its jobs is replaced, and who ended it is found."""

import subprocess
from multiprocessing import Pipe

import pytest

from dagproof.import_audit import importer as module
from dagproof.import_audit.given import Given, nothing_given
from dagproof.import_audit.importer import Importer, Process
from dagproof.import_audit.orders import Folders, Job, Mode, Outcome, Plan
from dagproof.model import UnavailableError

PLAN = Plan(("airflow.sdk",), workers=4)
A, B, C, D = (Job(number, f"/dags/{name}.py", "/dags") for number, name in enumerate("abcd"))


class Popen:
    """Stands for a process of which nothing is left but its exit code."""

    def __init__(self, code=-9, *, deaf=False):
        self.code, self.deaf, self.killed = code, deaf, False

    def wait(self, timeout=None):
        """Return the exit code; a deaf one takes forever until it is killed."""
        if self.deaf and not self.killed:
            raise subprocess.TimeoutExpired("x", timeout)
        return self.code

    def kill(self):
        """End it."""
        self.killed = True


class Zygote:
    """The far end of a process: what it is told, and what it says."""

    def __init__(self, log, **given):
        ours, self.wire = Pipe()
        self.process = Process(Popen(**given), ours, nothing_given(), log)

    def heard(self):
        """Return all that it was told since it was asked last."""
        messages = []
        while self.wire.poll():
            messages.append(self.wire.recv())
        return messages

    def give(self, *jobs):
        """Take jobs on."""
        for job in jobs:
            Given(self.process.given.descriptor).add(job)

    def do(self, *jobs):
        """Take jobs on, and tell what came of them."""
        self.give(*jobs)
        for job in jobs:
            self.wire.send(Outcome(job))

    def die(self):
        """End without a word."""
        self.wire.close()


class World:
    """An importer, and the processes that it has started."""

    def __init__(self, log, **given):
        self.zygotes = []
        self.log = log
        self.given = given
        self.importer = Importer(self.start)

    def start(self):
        """Start one more process."""
        self.zygotes.append(Zygote(self.log, **self.given))
        return self.zygotes[-1].process

    @property
    def zygote(self):
        """The last process."""
        return self.zygotes[-1]

    def loaded(self):
        """Have the process say that Airflow is loaded."""
        self.zygote.wire.send("ready")
        assert self.importer.receive() == []

    def done(self, *jobs):
        """Have the process do jobs that were all it was told; return what comes of them."""
        self.zygote.do(*jobs)
        return [outcome.job for _ in jobs for outcome in self.importer.receive()]

    def dies(self, *jobs):
        """Have the process end with jobs in its hands; return what comes of it."""
        self.zygote.give(*jobs)
        self.zygote.die()
        return self.importer.receive()


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "first.log"
    path.write_text("", "utf-8")
    return path


@pytest.fixture
def world(log):
    """Return a world in which four files are asked for and Airflow is loaded."""
    world = World(log)
    world.importer.plan(PLAN, [A, B, C, D])
    assert world.zygote.heard() == [PLAN, [A, B, C, D]]
    world.loaded()
    return world


def alone(job):
    return Job(job.number, job.path, job.bundle, Mode.ALONE)


def test_folders_are_listed_by_the_process(log):
    world = World(log)
    world.zygote.wire.send(["/dags/a.py"])

    assert world.importer.listed(Folders(("/dags",))) == ["/dags/a.py"]
    assert world.zygote.heard() == [Folders(("/dags",))]


def test_outcomes_are_passed_on(world):
    assert world.done(A, B) == [A, B]
    assert len(world.zygotes) == 1


def test_process_that_ends_while_it_lists_is_told_with_its_last_words(log):
    log.write_text("one\ntwo\nthree\nfour\n", "utf-8")
    world = World(log)
    world.zygote.die()

    with pytest.raises(UnavailableError, match="has ended: two\nthree\nfour"):
        world.importer.listed(Folders(()))


def test_process_that_ends_while_it_loads_is_told_with_its_last_words(log):
    log.write_text("ImportError: airflow\n", "utf-8")
    world = World(log)
    world.importer.plan(PLAN, [A])
    world.zygote.die()

    with pytest.raises(UnavailableError, match="has ended: ImportError: airflow"):
        world.importer.receive()
    assert len(world.zygotes) == 1


def test_process_that_ends_before_it_is_told_of_jobs_is_seen_when_it_is_listened_to(log):
    world = World(log)
    world.zygote.die()
    world.importer.plan(PLAN, [A])

    with pytest.raises(UnavailableError, match="it said nothing"):
        world.importer.receive()


def test_suspects_are_imported_alone_one_at_a_time_and_then_the_others_are(world):
    world.done(A)
    assert world.dies(B, C) == []
    assert world.zygote.heard() == [Plan(PLAN.modules, workers=2)]

    world.loaded()
    assert world.zygote.heard() == [[alone(B)]]
    assert world.done(alone(B)) == [alone(B)]
    assert world.zygote.heard() == [[alone(C)]]
    assert world.done(alone(C)) == [alone(C)]
    assert world.zygote.heard() == [[D]]
    assert world.done(D) == [D]
    assert len(world.zygotes) == 2


def test_who_ends_the_process_alone_is_to_blame_and_nobody_else_is(world):
    world.dies(A, B)
    world.loaded()
    world.done(alone(A))
    [outcome] = world.dies(alone(B))

    assert (outcome.job, outcome.ending, outcome.fresh) == (alone(B), "SIGKILL", True)
    assert "twice: signal SIGKILL" in outcome.what
    assert world.importer.blamed == {B.number}
    world.loaded()
    assert world.zygote.heard() == [Plan(PLAN.modules, workers=2), [C, D]]


def test_suspects_that_are_left_are_imported_alone_after_one_was_to_blame(world):
    world.dies(A, B)
    world.loaded()
    [outcome] = world.dies(alone(A))
    assert outcome.job == alone(A)

    world.loaded()
    assert world.zygote.heard()[-1] == [alone(B)]


def test_suspect_that_was_not_begun_with_is_not_to_blame(world):
    world.dies(A)
    world.loaded()

    assert world.dies() == []
    world.loaded()
    assert world.zygote.heard()[-1] == [alone(A)]


def test_process_that_ends_while_it_loads_in_the_place_of_another_is_told(world, log):
    world.dies(A)
    log.write_text("No space left on device\n", "utf-8")
    world.zygote.die()

    with pytest.raises(UnavailableError, match="has ended: No space left on device"):
        world.importer.receive()
    assert len(world.zygotes) == 2


def test_outcome_that_was_sent_before_the_end_counts(world):
    world.zygote.do(A, B)
    world.zygote.die()

    assert [one.job for one in world.importer.receive()] == [A]
    assert [one.job for one in world.importer.receive()] == [B]
    assert world.importer.receive() == []
    world.loaded()
    assert world.zygote.heard()[-1] == [C, D]


def test_message_that_breaks_off_is_no_outcome(world):
    world.zygote.give(A)
    world.zygote.wire._send(b"\0\0\1\0pickle")

    assert world.dies() == []
    world.loaded()
    assert world.zygote.heard()[-1] == [alone(A)]


def test_job_that_is_more_than_plain_keeps_its_mode_and_comes_last(world):
    world.done(A)
    onward = Job(A.number, A.path, A.bundle, Mode.ONWARD)
    world.importer.ask(onward)
    world.dies(B)
    world.loaded()
    world.done(alone(B))

    assert world.zygote.heard()[-1] == [C, D, onward]


def test_more_than_plain_job_is_a_suspect_in_its_mode(world):
    world.done(A, B, C, D)
    onward = Job(A.number, A.path, A.bundle, Mode.ONWARD)
    world.importer.ask(onward)
    world.dies(onward)
    world.loaded()

    assert world.zygote.heard()[-1] == [onward]
    assert [one.job for one in world.dies(onward)] == [onward]


def test_job_that_is_asked_for_meanwhile_waits_until_suspects_are_done(world):
    world.done(A, B)
    world.dies(C)
    world.importer.ask(alone(A))
    world.loaded()
    world.importer.ask(alone(B))
    assert world.zygote.heard() == [Plan(PLAN.modules, workers=2), [alone(C)]]

    world.done(alone(C))
    assert world.zygote.heard() == [[D, alone(A), alone(B)]]


def test_process_that_ends_with_nothing_left_to_do_is_replaced_only_when_there_is(world):
    world.done(A, B, C, D)
    assert world.dies() == []
    assert world.importer.connection is None
    assert len(world.zygotes) == 1

    world.importer.ask(alone(A))
    world.loaded()
    assert world.zygote.heard() == [Plan(PLAN.modules, workers=2), [alone(A)]]


def test_last_file_that_is_to_blame_needs_no_other_process(world):
    world.done(A, B, C)
    world.dies(D)
    world.loaded()

    assert [one.job for one in world.dies(alone(D))] == [alone(D)]
    assert world.importer.connection is None
    world.importer.dismiss()
    assert len(world.zygotes) == 2


def test_processes_that_end_without_anything_imported_are_given_up(world):
    for _ in range(module._MOST_ENDS):
        assert world.dies() == []
        world.loaded()

    with pytest.raises(UnavailableError, match="has ended: it said nothing"):
        world.dies()


def test_processes_that_end_with_something_imported_in_between_are_not_given_up(log):
    world = World(log)
    jobs = [Job(number, f"/dags/{number}.py", "/dags") for number in range(30)]
    world.importer.plan(PLAN, jobs)
    world.loaded()
    for job in jobs:
        world.dies(job)
        world.loaded()
        assert world.done(alone(job)) == [alone(job)]

    assert len(world.zygotes) == 31


def test_ever_fewer_files_are_imported_at_a_time_but_always_one(world):
    for workers in (2, 1, 1):
        world.dies()
        assert world.zygote.heard() == [Plan(PLAN.modules, workers)]
        world.loaded()


def test_process_that_hears_nothing_and_does_not_end_is_ended(log, monkeypatch):
    world = World(log, deaf=True)
    world.importer.plan(PLAN, [A])
    world.loaded()
    first = world.zygote

    assert world.dies() == []
    assert first.process.popen.killed


def test_exit_code_is_told_with_what_was_said(log):
    log.write_text("KeyError: 'x'\n", "utf-8")
    world = World(log, code=1)
    world.importer.plan(PLAN, [A])
    world.loaded()
    world.dies(A)
    world.loaded()
    [outcome] = world.dies(alone(A))

    assert outcome.what.endswith("twice: exit code 1")
    assert (outcome.ending, outcome.stack) == ("exit code 1", "KeyError: 'x'")


def test_every_process_is_ended_when_it_is_closed(world):
    world.dies(A)
    world.importer.close()
    world.importer.close()

    assert [one.process.popen.killed for one in world.zygotes] == [True, True]
