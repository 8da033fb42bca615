"""Has DAG files imported in watched processes: starts them, asks, and puts answers together."""

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Final, Self

from dagproof.import_audit.conditions import Conditions, other, usual
from dagproof.import_audit.frames import Repository, library_folders
from dagproof.import_audit.orders import Folders, Job, Mode, Outcome, Plan, Surroundings
from dagproof.import_audit.places import Show, Sources
from dagproof.import_audit.refusals import allowed
from dagproof.import_audit.traces import Evidence, Limits, further_job, trace_of
from dagproof.model import ImportTrace, UnavailableError

_LAST_LINES: Final = 3


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
        self._asked: dict[str, Connection] = {}

    def __enter__(self) -> Self:
        self._start(usual())
        return self

    def expect_second(self) -> Conditions:
        """Have the second process load, if it does not do so yet: some file needs it."""
        elsewhere = self._watching.scratch / "elsewhere"
        conditions = other(str(elsewhere))
        if conditions.name not in self._asked:
            elsewhere.mkdir(exist_ok=True)
            self._start(conditions)
        return conditions

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _start(self, conditions: Conditions) -> None:
        watching = self._watching
        ours, theirs = socket.socketpair()
        log = self._log(conditions.name)
        environ = {
            **watching.environ, **conditions.environ, "PYTHONHASHSEED": conditions.hash_seed,
        }  # fmt: skip
        with theirs, log.open("wb") as output:
            command = [sys.executable, "-P", "-m", "dagproof.import_audit.zygote"]
            process = subprocess.Popen(
                [*command, str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                env=environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
            )
        self._stack.callback(process.wait)
        self._stack.callback(process.kill)
        connection = Connection(ours.detach())
        self._stack.callback(connection.close)
        connection.send(self._surroundings(conditions))
        self._asked[conditions.name] = connection

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
        )

    def _log(self, name: str) -> Path:
        return self._watching.scratch / f"{name}.log"

    def listed(self, folders: Sequence[str]) -> Sequence[str] | None:
        """Return the files that Airflow imports from dags folders; None where it cannot say.

        Args:
            folders: absolute. Ask before `traces`.

        Raises:
            UnavailableError: the process that loads Airflow has ended.
        """
        name = usual().name
        self._send(name, Folders(tuple(folders)))
        try:
            files: Sequence[str] | None = self._asked[name].recv()
        except (EOFError, OSError) as error:
            raise self._ended(name) from error
        return files

    def traces(
        self, targets: Sequence[Target], modules: Sequence[str], started: Callable[[], None]
    ) -> Iterator[ImportTrace]:
        """Import files; yield what was seen of each as soon as all of it is known.

        Args:
            targets: the files.
            modules: names of Airflow's modules that they import: loaded once, as Airflow does.
            started: called when Airflow is loaded.

        Raises:
            UnavailableError: a process that loads Airflow has ended.
        """
        jobs = [
            Job(number, one.path, one.bundle, compared=one.twice)
            for number, one in enumerate(targets)
        ]
        again = [job for job, one in zip(jobs, targets, strict=True) if one.twice]
        waiting = {job.number: Evidence(job, targets[job.number].twice) for job in jobs}
        sources = Sources(self._watching.show)
        owns = Repository(self._watching.roots, library_folders()).owns
        self._give(usual(), modules, jobs, spared=len(again))
        if again:
            conditions = self.expect_second()
            # The other way round, so that each file comes after others than in the first import.
            self._give(conditions, modules, again[::-1], spared=len(jobs))
        asked = self._asked if again else {usual().name: self._asked[usual().name]}
        names = {connection: name for name, connection in asked.items()}
        told = False
        limits = Limits(self._watching.timeout, self._watching.memory)
        while waiting:
            for connection in wait(list(names)):
                name = next(name for one, name in names.items() if one is connection)
                outcome = self._receive(name)
                if outcome is None:
                    if not told:
                        told = True
                        started()
                    continue
                evidence = waiting[outcome.job.number]
                if self._settled(evidence, outcome, name):
                    del waiting[outcome.job.number]
                    yield trace_of(evidence, sources, owns, limits)
        for name in asked:
            self._send(name, None)

    def _give(
        self, conditions: Conditions, modules: Sequence[str], jobs: Sequence[Job], *, spared: int
    ) -> None:
        """Have jobs done, on as many cores as there are beside those of `spared` other jobs."""
        share = len(jobs) / max(1, len(jobs) + spared)
        workers = max(1, round(self._watching.cores * share))
        self._send(conditions.name, Plan(tuple(modules), workers))
        self._send(conditions.name, list(jobs))

    def _settled(self, evidence: Evidence, outcome: Outcome, name: str) -> bool:
        """Add an outcome to what is known of a file; say whether that is all."""
        if outcome.job.mode is Mode.ONWARD:
            evidence.onward = outcome
        elif outcome.job.mode is Mode.STEPWISE:
            evidence.stepwise = outcome
        elif name == usual().name:  # plain, or alone to be sure
            evidence.first = outcome
        else:
            evidence.second = outcome
        if evidence.first is None or (evidence.twice and evidence.second is None):
            return False
        job = further_job(evidence)
        if job is not None:
            self._send(usual().name, [job])
        return job is None

    def _send(self, name: str, message: object) -> None:
        try:
            self._asked[name].send(message)
        except OSError as error:
            raise self._ended(name) from error

    def _receive(self, name: str) -> Outcome | None:
        try:
            message = self._asked[name].recv()
        except (EOFError, OSError) as error:
            raise self._ended(name) from error
        return message if isinstance(message, Outcome) else None

    def _ended(self, name: str) -> UnavailableError:
        text = self._log(name).read_text(errors="replace").strip()
        last = "\n".join(text.splitlines()[-_LAST_LINES:]) or "it said nothing"
        return UnavailableError(f"The process that imports DAG files has ended: {last}")


__all__ = ["Target", "Watchers", "Watching"]
