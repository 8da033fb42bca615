"""One process of a cluster: forked from the supervisor, ends with it, and takes its own with it."""

import contextlib
import os
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NoReturn

from dagproof.airflow_compat.components import run_component
from dagproof.cluster.naming import MEMBER
from dagproof.services.privileges import die_with_parent

Fence = Callable[[], contextlib.AbstractContextManager[None]]

_DESCRIPTORS: Final = 4096
_READY: Final = b"r"


@dataclass(frozen=True, slots=True)
class Part:
    """What a member is to be.

    Attributes:
        name: such as `scheduler` or `worker-1`.
        arguments: after `airflow`.
        tells: whether it says itself that it is ready; others are asked over HTTP.
    """

    name: str
    arguments: tuple[str, ...]
    tells: bool = False

    @property
    def works(self) -> bool:
        """Whether it is a Celery worker."""
        return self.arguments[:2] == ("celery", "worker")


def parts(
    host: str, port: int, workers: int, concurrency: int, *, named: bool = True
) -> tuple[Part, ...]:
    """Return the members of a deployment, in the order in which they start.

    Logs of tasks are read from the folder that all share, so nobody serves them.

    Args:
        host: of the API server.
        port: of the API server.
        workers: how many Celery workers.
        concurrency: tasks that each of them runs at a time.
        named: whether workers can be asked by their names; not every broker carries questions.
    """
    return (
        Part("api-server", ("api-server", "--host", host, "--port", str(port), "--workers", "1")),
        Part("scheduler", ("scheduler", "--skip-serve-logs")),
        Part("dag-processor", ("dag-processor",)),
        Part("triggerer", ("triggerer", "--skip-serve-logs")),
        *(_worker(f"worker-{number}", concurrency, named) for number in range(1, workers + 1)),
    )


def _worker(name: str, concurrency: int, named: bool) -> Part:
    arguments = ["celery", "worker", "--concurrency", str(concurrency)]
    arguments += ["--skip-serve-logs", "--without-mingle", "--without-gossip"]
    arguments += ["--celery-hostname", name] * named
    return Part(name, tuple(arguments), tells=True)


class Member:
    """A running process.

    Args:
        part: what it is.
        log: where it writes.
        restarts: how often it had ended before.
        fence: gives what it runs within.
    """

    def __init__(
        self,
        part: Part,
        log: Path,
        restarts: int = 0,
        fence: Fence = contextlib.nullcontext,
    ) -> None:
        self.part = part
        self.log = log
        self.restarts = restarts
        self._news, theirs = os.pipe()
        os.set_blocking(self._news, False)
        self.told = not part.tells
        self.pid = _fork(part, log, theirs, fence)
        os.close(theirs)

    def ready(self) -> bool:
        """Say whether it has told that it is ready, where it tells."""
        if not self.told:
            try:
                self.told = os.read(self._news, 1) == _READY
            except BlockingIOError:
                return False
        return self.told

    def ended(self) -> bool:
        """Say whether it has ended; who ended is forgotten by the kernel."""
        try:
            return os.waitpid(self.pid, os.WNOHANG) != (0, 0)
        except ChildProcessError:
            return True

    def signal(self, sign: signal.Signals) -> None:
        """Send a signal to the process and those of its session; a dead one is fine."""
        for send in (os.kill, os.killpg):
            try:
                send(self.pid, sign)
            except (ProcessLookupError, PermissionError):
                continue

    def close(self) -> None:
        """Give back what belongs to an ended member."""
        os.close(self._news)


def _fork(part: Part, log: Path, news: int, fence: Fence) -> int:
    supervisor = os.getpid()
    if not (pid := os.fork()):
        _become(part, log, news, supervisor, fence)
    return pid


def _become(part: Part, log: Path, news: int, supervisor: int, fence: Fence) -> NoReturn:
    """Run Airflow in a forked child, and never return into the supervisor's loop."""
    code = 1
    try:
        os.setsid()
        die_with_parent()
        if os.getppid() != supervisor:
            os._exit(0)  # it died before we could ask to die with it
        for sign in (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD, signal.SIGHUP):
            signal.signal(sign, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        _descriptors(log, news)
        _let_children_die_with_us()
        os.environ[MEMBER] = part.name
        with fence():
            run_component(part.arguments, _teller(3))
        code = 0
    except SystemExit as leaving:
        code = leaving.code if isinstance(leaving.code, int) else bool(leaving.code)
        if isinstance(leaving.code, str):
            print(leaving.code, file=sys.stderr)
    except BaseException:  # noqa: BLE001  whatever it is, it belongs in the log
        traceback.print_exc()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _descriptors(log: Path, news: int) -> None:
    """Keep a log and the pipe for news, and nothing of the supervisor: neither lock nor lease."""
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    output = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.dup2(news, 3, inheritable=False)
    os.closerange(4, _DESCRIPTORS)
    # What the supervisor's streams still hold is its own to write.
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)


def _teller(descriptor: int) -> Callable[[], None]:
    return lambda: (os.write(descriptor, _READY), None)[1]


def _let_children_die_with_us() -> None:
    """Have every process that is forked by this one, and by those, die with the one that forked it.

    A worker that is killed takes its pool and their tasks along, as a machine would. What is
    forked in a thread is left alone: it would end with the thread.
    """
    parent: list[int] = []

    def before() -> None:
        parent[:] = [os.getpid()] if threading.get_native_id() == os.getpid() else []

    def after() -> None:
        if parent:
            die_with_parent()
            if os.getppid() != parent[0]:
                os._exit(0)

    os.register_at_fork(before=before, after_in_child=after)
