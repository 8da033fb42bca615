"""Stands for the processes that import DAG files: threads, which import nothing."""

from multiprocessing import Pipe
from threading import Thread

from dagproof.import_audit.given import Given, nothing_given
from dagproof.import_audit.importer import Process
from dagproof.import_audit.orders import Outcome

RESULT = {"dags": {}, "errors": [], "spans": {}}


class Ended:
    """Stands for a process, of which only its exit is asked for."""

    def wait(self, _=None):
        """Return the exit code."""
        return -9

    def kill(self):
        """Do nothing: a thread stands for it, which ends when nobody is there to ask it."""


class Zygotes:
    """Processes that do jobs in threads, and end with some of them.

    Attributes:
        deadly: says whether a process under some conditions ends with a job, or a file's name.
        started: names of the conditions of all processes.
        done: modes in which files were imported to the end.
        outcome: returns what becomes of a job.
    """

    def __init__(self, log):
        self.log = log
        self.deadly = lambda _, __: False
        self.started = []
        self.done = []
        self.outcome = lambda job: Outcome(job, result={**RESULT, "dag_ids": [job.path]})

    def start(self, conditions):
        """Start a process."""
        self.started.append(conditions.name)
        ours, theirs = Pipe()
        given = nothing_given()
        Thread(target=self._live, args=(conditions.name, theirs, given), daemon=True).start()
        return Process(Ended(), ours, given, self.log)

    def _live(self, conditions, wire, given):
        with wire:
            wire.recv()
            wire.send("ready")
            while jobs := wire.recv():
                for job in jobs:
                    Given(given.descriptor).add(job)
                    if self.deadly(conditions, job):
                        return
                    self.done.append((conditions, job.path, job.mode))
                    wire.send(self.outcome(job))
