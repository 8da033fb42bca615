"""The parts of a cluster together: services, a broker, and Airflow's processes on them."""

import contextlib
import functools
import os
import secrets
import signal
import socket
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from dagproof.airflow_compat.components import load_components, make_queue
from dagproof.app import make_importable
from dagproof.cluster.broker import Redis, chosen_broker
from dagproof.cluster.health import health, is_healthy
from dagproof.cluster.member import Fence, Member, Part, parts
from dagproof.cluster.place import ClusterPlace
from dagproof.cluster.plan import Plan
from dagproof.cluster.postgres_broker import PostgresBroker
from dagproof.cluster.record import MemberRecord, Record
from dagproof.cluster.surroundings import HOST, USER, import_paths, member_environment
from dagproof.config import Settings, load_settings
from dagproof.model import Progress, UnavailableError, UsageError
from dagproof.service_choice import chosen_source, fenced, wanted_services
from dagproof.services.addresses import REGISTRY_URI
from dagproof.services.sentences import failure

HEALTHY_SECONDS: Final = 180.0
_STOP_SECONDS: Final = 2.0
_MOST_RESTARTS: Final = 5
_RESTARTS_IN: Final = 60.0
"""Seconds in which a cluster may restart that many members, and not more."""

_QUIET: Final = {"GIT_PYTHON_REFRESH": "quiet", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true"}


class Deployment:
    """Airflow's processes among services.

    Args:
        place: their files.
        made_of: what they are.
        record: what is known of the cluster, but for its processes.
        progress: is told what is being done.
        broker: between them; it runs already.
        fence: gives what members run within.
    """

    def __init__(
        self,
        place: ClusterPlace,
        made_of: tuple[Part, ...],
        record: Record,
        progress: Progress,
        broker: Redis | PostgresBroker,
        fence: Fence = contextlib.nullcontext,
    ) -> None:
        self._place = place
        self._parts = made_of
        self._record = record
        self._progress = progress
        self._fence = fence
        self._redis = broker if isinstance(broker, Redis) else None
        self._postgres = broker if isinstance(broker, PostgresBroker) else None
        self._members: list[Member] = []
        self._started = time.monotonic()
        self._untold = False
        self._restarted: deque[float] = deque(maxlen=_MOST_RESTARTS)

    def start(self) -> None:
        """Start all members, side by side."""
        self._progress(f"Starting {', '.join(part.name for part in self._parts)}")
        self._members = [self._member(part) for part in self._parts]
        self._started = time.monotonic()

    def is_healthy(self) -> bool:
        """Say whether all are well.

        Raises:
            UnavailableError: one has ended, or they take too long.
        """
        for member in self._members:
            if member.ended():
                raise failure(f"The {member.part.name} has ended.", member.log)
        late = [member.part.name for member in self._members if not member.ready()]
        states = health(self._record.url, timeout=2) if not late else {}
        if not late and is_healthy(states):
            return True
        if time.monotonic() - self._started > HEALTHY_SECONDS:
            late += [f"{name} ({state})" for name, state in states.items() if state != "healthy"]
            raise UnavailableError(
                f"Not healthy after {HEALTHY_SECONDS:.0f} s: {', '.join(late)}. "
                f"Their logs are in `{self._place.logs}`."
            )
        return False

    def look_after(self) -> None:
        """Start again what has ended.

        Raises:
            UnavailableError: members end again and again.
        """
        if self._redis is not None and self._redis.ended():
            self._count("redis", self._redis.log)
            self._redis.start()
            self._untold = True
        for index, member in enumerate(self._members):
            if not member.ended():
                continue
            self._count(member.part.name, member.log)
            member.close()
            self._members[index] = self._member(member.part, member.restarts + 1)
            self._untold = True
            if self._postgres is not None and member.part.works:
                self._postgres.worker_ended()
        if self._postgres is not None:
            self._postgres.look_after()
        if self._untold:
            with contextlib.suppress(OSError):  # a full disk, perhaps: told when there is room
                self.write_record()

    def _count(self, name: str, log: Path) -> None:
        now = time.monotonic()
        if len(self._restarted) == _MOST_RESTARTS and now - self._restarted[0] < _RESTARTS_IN:
            raise failure(f"The {name} ends again and again; the cluster is stopped.", log)
        self._restarted.append(now)

    def write_record(self, seconds: float | None = None) -> None:
        """Write down what runs.

        Args:
            seconds: that it took until all was healthy.
        """
        members = [
            MemberRecord(one.part.name, one.pid, str(one.log), one.restarts)
            for one in self._members
        ]
        if self._redis is not None:
            one = self._redis
            members.append(MemberRecord("redis", one.pid, str(one.log), one.restarts))
        self._record = replace(
            self._record,
            members=tuple(members),
            seconds=self._record.seconds if seconds is None else seconds,
        )
        self._record.write(self._place.record)
        self._untold = False

    def stop(self) -> None:
        """Ask all members to end, wait a little, and kill those that are left."""
        for member in self._members:
            member.signal(signal.SIGTERM)
        deadline = time.monotonic() + _STOP_SECONDS
        while time.monotonic() < deadline and not all(one.ended() for one in self._members):
            time.sleep(0.02)
        for member in self._members:
            member.signal(signal.SIGKILL)

    def _member(self, part: Part, restarts: int = 0) -> Member:
        return Member(part, self._place.logs / f"{part.name}.log", restarts, self._fence)


@contextlib.contextmanager
def opened(plan: Plan, place: ClusterPlace, progress: Progress) -> Iterator[Deployment]:
    """Hold services and a broker, and load Airflow; stop all of it on leaving.

    The environment of this process becomes that of the members.

    Raises:
        DagproofError: of any kind: something is missing, in use, or does not start.
    """
    settings = load_settings(plan.root)
    _check_folders(settings)
    broker = chosen_broker(plan.broker, progress)
    port = free_port(plan.port)
    with contextlib.ExitStack() as stack:
        source = chosen_source(settings, plan.backend or None)
        wanted = wanted_services(settings, source, progress)
        tenancy = stack.enter_context(source.tenancy(wanted, progress=progress, fresh=True))
        found: dict[str, str] = {**_QUIET, **tenancy.environment}
        password = secrets.token_urlsafe(12)
        between = _redis(place, stack) if broker == "redis" else PostgresBroker(found)
        os.environ.pop(REGISTRY_URI, None)  # the shell's would win over the address given here
        os.environ.update(
            {
                **found,
                **member_environment(place, settings, port, between.url, password),
                "PYTHONPATH": import_paths(settings, os.environ),
                **settings.env,
                **plan.env,
            }
        )
        make_importable(settings)
        progress("Airflow is loaded while the services start")
        load_components()
        tenancy.wait()
        if isinstance(between, PostgresBroker):
            make_queue(between.url)
        record = Record(
            root=str(plan.root),
            pid=os.getpid(),
            url=f"http://{HOST}:{port}",
            user=USER,
            password=password,
            broker=broker,
            logs=str(place.logs),
            task_logs=str(place.home / "logs"),
            environment=dict(tenancy.environment),
            redis=str(between.socket) if isinstance(between, Redis) else "",
        )
        fence = functools.partial(fenced, settings, dict(os.environ))
        made_of = parts(HOST, port, plan.workers, plan.concurrency, named=bool(record.redis))
        deployment = Deployment(place, made_of, record, progress, between, fence)
        stack.callback(deployment.stop)
        yield deployment


def _check_folders(settings: Settings) -> None:
    missing = [folder for folder in settings.dags if not folder.is_dir()]
    if missing:
        raise UsageError(settings.without_dags(missing))


def _redis(place: ClusterPlace, stack: contextlib.ExitStack) -> Redis:
    redis = Redis(place.folder, place.home, place.logs / "redis.log")
    stack.callback(redis.stop)
    redis.start()
    return redis


def free_port(asked: int) -> int:
    """Return a port of this machine that nobody listens on.

    Args:
        asked: which one; 0 for any.

    Raises:
        UnavailableError: somebody does.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, asked))
        except OSError as error:
            raise UnavailableError(
                f"Port {asked} of {HOST} cannot be had ({error.strerror}). "
                "Leave `--port` out for one that is free."
            ) from error
        port: int = probe.getsockname()[1]
        return port
