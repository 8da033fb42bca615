"""Has DAG files imported in watched processes: starts them, asks, and puts answers together."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Self

from dagproof.import_audit.conditions import Conditions, other, usual
from dagproof.import_audit.explorations import (
    Ended,
    Exploration,
    exploration_of,
    further_exploration,
)
from dagproof.import_audit.frames import Repository, library_folders
from dagproof.import_audit.given import nothing_given
from dagproof.import_audit.importer import Importer, Process
from dagproof.import_audit.orders import Explorer, Folders, Job, Mode, Outcome, Plan, Surroundings
from dagproof.import_audit.places import Show, Sources
from dagproof.import_audit.refusals import allowed
from dagproof.import_audit.shape_records import hidden_folders
from dagproof.import_audit.traces import Evidence, Limits, further_job, trace_of
from dagproof.model import ImportTrace


@dataclass(frozen=True, slots=True)
class Watching:
    """How DAG files are imported.

    Attributes:
        roots: absolute folders whose code is the user's own.
        paths: absolute folders on `sys.path`, beside the dags folder.
        environ: the whole environment of the processes.
        scratch: an absolute folder for everything that is written.
        home: the scratch `AIRFLOW_HOME`.
        directory: the user's working directory.
        bytecode: folder that Python is told to keep bytecode in; empty for beside the sources.
        allow: what is let through.
        timeout: wall-clock seconds for each file.
        memory: bytes that a file may take, above what Airflow takes.
        cores: how many files are imported at a time.
        show: returns a path as findings show it.
        explorer: what is done with DAGs, for `explorations`.
    """

    roots: Sequence[str]
    paths: Sequence[str]
    environ: Mapping[str, str]
    scratch: Path
    home: Path
    directory: str
    show: Show
    bytecode: str = ""
    allow: Sequence[str] = ()
    timeout: float = 30.0
    memory: int = 2**31
    cores: int = field(default_factory=lambda: len(os.sched_getaffinity(0)))
    explorer: Explorer | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A file to import.

    Attributes:
        path: absolute.
        bundle: the absolute dags folder that it belongs to.
        twice: whether it is imported a second time, under other circumstances.
    """

    path: str
    bundle: str
    twice: bool = True


class Watchers:
    """Two processes with Airflow loaded, for as long as it is open.

    They begin to load when it is opened, so that files can be looked for meanwhile.

    Args:
        watching: how files are imported.

    Raises:
        UsageError: what is to be let through names nothing.
    """

    def __init__(self, watching: Watching) -> None:
        allowed(watching.allow)
        self._watching = watching
        self._stack = ExitStack()
        self._importers: dict[str, Importer] = {}

    def __enter__(self) -> Self:
        self._open(usual())
        return self

    def expect_second(self) -> Conditions:
        """Have the second process load, if it does not do so yet: some file needs it."""
        elsewhere = self._watching.scratch / "elsewhere"
        conditions = other(str(elsewhere))
        if conditions.name not in self._importers:
            elsewhere.mkdir(exist_ok=True)
            self._open(conditions)
        return conditions

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self, conditions: Conditions) -> None:
        importer = Importer(partial(self._start, conditions))
        self._stack.callback(importer.close)
        self._importers[conditions.name] = importer

    def _start(self, conditions: Conditions) -> Process:
        watching = self._watching
        ours, theirs = socket.socketpair()
        given = nothing_given()
        log = watching.scratch / f"{conditions.name}.log"
        environ = {
            **watching.environ, **conditions.environ, "PYTHONHASHSEED": conditions.hash_seed,
        }  # fmt: skip
        with theirs, log.open("wb") as output:
            command = [sys.executable, "-P", "-m", "dagproof.import_audit.zygote"]
            descriptors = [theirs.fileno(), given.descriptor]
            popen = subprocess.Popen(
                [*command, *map(str, descriptors)],
                pass_fds=descriptors,
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        process = Process(popen, Connection(ours.detach()), given, log)
        with suppress(OSError):  # that it has ended is seen where it is listened to
            process.connection.send(self._surroundings(conditions))
        return process

    def _surroundings(self, conditions: Conditions) -> Surroundings:
        watching = self._watching
        return Surroundings(
            roots=tuple(watching.roots),
            paths=tuple(watching.paths),
            scratch=str(watching.scratch / "files"),
            home=str(watching.home),
            directory=watching.directory,
            allow=tuple(watching.allow),
            timeout=watching.timeout,
            memory=watching.memory,
            bytecode=watching.bytecode,
            conditions=conditions,
            explorer=watching.explorer,
            hidden=hidden_folders(
                watching.roots, watching.show, watching.scratch / "files", watching.home
            ),
        )

    def listed(self, folders: Sequence[str]) -> Sequence[str] | None:
        """Return the files that Airflow imports from dags folders; None where it cannot say.

        Args:
            folders: absolute. Ask before `traces`.

        Raises:
            UnavailableError: the process that loads Airflow has ended.
        """
        return self._importers[usual().name].listed(Folders(tuple(folders)))

    def traces(
        self, targets: Sequence[Target], modules: Sequence[str], started: Callable[[], None]
    ) -> Iterator[ImportTrace]:
        """Import files; yield what was seen of each as soon as all of it is known.

        Args:
            targets: the files.
            modules: names of Airflow's modules that they import: loaded once, as Airflow does.
            started: called when Airflow is loaded.

        Raises:
            UnavailableError: a process has ended while it loaded Airflow, or ends each time.
        """
        jobs = [
            Job(number, one.path, one.bundle, compared=one.twice)
            for number, one in enumerate(targets)
        ]
        again = [job for job, one in zip(jobs, targets, strict=True) if one.twice]
        waiting = {job.number: Evidence(job, targets[job.number].twice) for job in jobs}
        sources = Sources(self._watching.show)
        owns = Repository(self._watching.roots, library_folders()).owns
        first = self._importers[usual().name]
        self._give(first, modules, jobs, spared=len(again))
        importers = [first]
        if again:
            second = self._importers[self.expect_second().name]
            # The other way round, so that each file comes after others than in the first import.
            self._give(second, modules, again[::-1], spared=len(jobs))
            importers.append(second)
        told = False
        limits = Limits(self._watching.timeout, self._watching.memory)
        while waiting:
            asked = {one.connection: one for one in importers if one.connection is not None}
            for connection in wait(list(asked)):
                importer = next(one for it, one in asked.items() if it is connection)
                outcomes = importer.receive()
                if importer.is_ready and not told:
                    told = True
                    started()
                for outcome in outcomes:
                    evidence = waiting[outcome.job.number]
                    if self._settled(evidence, outcome, first=importer is first):
                        del waiting[outcome.job.number]
                        yield trace_of(evidence, sources, owns, limits)
        for importer in importers:
            importer.dismiss()

    def explorations(
        self, targets: Sequence[Target], modules: Sequence[str], started: Callable[[], None]
    ) -> Iterator[Exploration]:
        """Import files and hand their DAGs to the explorer; yield what it said of each file.

        Args:
            targets: the files.
            modules: names of modules to load once, the explorer's among them.
            started: called when Airflow is loaded.

        Raises:
            UnavailableError: a process has ended while it loaded Airflow, or ends each time.
        """
        importer = self._importers[usual().name]
        jobs = [
            Job(number, one.path, one.bundle, Mode.EXPLORE, compared=False)
            for number, one in enumerate(targets)
        ]
        importer.plan(Plan(tuple(modules), self._watching.cores), jobs)
        sources = Sources(self._watching.show)
        owns = Repository(self._watching.roots, library_folders()).owns
        limits = Limits(self._watching.timeout, self._watching.memory)
        left, told = len(jobs), False
        endings: dict[int, list[Ended]] = {}
        while left:
            outcomes = importer.receive()
            if importer.is_ready and not told:
                told = True
                started()
            for outcome in outcomes:
                ended = endings.setdefault(outcome.job.number, [])
                job = further_exploration(outcome, ended)
                if job is not None:
                    importer.ask(job)
                    continue
                left -= 1
                evidence = Evidence(outcome.job, twice=False, first=outcome)
                trace = trace_of(evidence, sources, owns, limits)
                yield exploration_of(outcome, trace, ended, sources)
        importer.dismiss()

    def _give(
        self, importer: Importer, modules: Sequence[str], jobs: Sequence[Job], *, spared: int
    ) -> None:
        """Have jobs done, on as many cores as there are beside those of `spared` other jobs."""
        share = len(jobs) / max(1, len(jobs) + spared)
        workers = max(1, round(self._watching.cores * share))
        importer.plan(Plan(tuple(modules), workers), jobs)

    def _settled(self, evidence: Evidence, outcome: Outcome, *, first: bool) -> bool:
        """Add an outcome to what is known of a file; say whether that is all."""
        if outcome.job.mode is Mode.ONWARD:
            evidence.onward = outcome
        elif outcome.job.mode is Mode.STEPWISE:
            evidence.stepwise = outcome
        elif first:  # plain, or alone to be sure
            evidence.first = outcome
        else:
            evidence.second = outcome
        if evidence.first is None or (evidence.twice and evidence.second is None):
            return False
        importer = self._importers[usual().name]
        if outcome.job.number in importer.blamed:
            return True
        job = further_job(evidence)
        if job is not None:
            importer.ask(job)
        return job is None


__all__ = ["Target", "Watchers", "Watching"]
