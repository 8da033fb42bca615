"""Starts a cluster, keeps it going, and takes it with it, whichever way it ends.

Run as `python -m dagproof.cluster.supervisor`: the plan is the first line of standard input. While
nobody says `stay` there, the end of that input is the end of the cluster. On standard output, each
line is a JSON object: `progress`, `error`, or at last `ready`.
"""

import contextlib
import errno
import json
import os
import select
import signal
import sys
import time
from collections.abc import Iterator
from typing import Any, NoReturn

from dagproof.cluster.deployment import Deployment, opened
from dagproof.cluster.leftovers import adopt_orphans, end_all_below, end_leftovers
from dagproof.cluster.place import ClusterPlace
from dagproof.cluster.plan import Plan
from dagproof.model import DagproofError, UnavailableError

_TICK_SECONDS = 0.1
_FULL = (errno.ENOSPC, errno.EDQUOT)


class _LeaveError(BaseException):
    """Told to stop."""


class Client:
    """Who asked for the cluster, at the other end of two pipes."""

    def __init__(self) -> None:
        self._read = sys.stdin.fileno()
        self._write = os.dup(sys.stdout.fileno())
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
        self._stays = False
        self._rest = b""

    def plan(self) -> Plan:
        """Return what it asks for."""
        while b"\n" not in self._rest:
            self._take()
        line, _, self._rest = self._rest.partition(b"\n")
        return Plan.from_json(line.decode())

    def say(self, **message: Any) -> None:
        """Tell it something; one that has gone is no error."""
        with contextlib.suppress(OSError):
            os.write(self._write, json.dumps(message).encode() + b"\n")

    def progress(self, sentence: str) -> None:
        """Tell it what is being done."""
        self.say(progress=sentence)
        self.check()

    def check(self) -> None:
        """Leave when the client has gone and has not told us to stay."""
        while not self._stays and select.select([self._read], [], [], 0)[0]:
            self._take()

    def _take(self) -> None:
        chunk = os.read(self._read, 65536)
        self._rest += chunk
        if b"stay\n" in self._rest:
            self._stays = True
        elif not chunk:
            raise _LeaveError


def main() -> int:
    """Supervise a cluster until told to stop."""
    os.umask(0o077)
    started = time.monotonic()
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGINT, _leave)
    signal.signal(signal.SIGTERM, _leave)
    client = Client()
    ready = False
    try:
        plan = client.plan()
        place = ClusterPlace(plan.folder)
        with _held(place):
            try:
                with opened(plan, place, client.progress) as deployment:
                    # Not before: the keeper of the services may be ours to start, not to end.
                    adopt_orphans()
                    _bring_up(deployment, client)
                    deployment.write_record(time.monotonic() - started)
                    client.say(ready=True)
                    ready = True
                    _keep_going(deployment, client)
            finally:
                signal.signal(signal.SIGTERM, signal.SIG_IGN)
                end_all_below()
                place.record.unlink(missing_ok=True)
    except _LeaveError:
        if not ready:
            client.say(error="The cluster was taken down while it started.", exit_code=3)
        return 0
    except DagproofError as error:
        client.say(error=str(error), exit_code=error.exit_code)
        with contextlib.suppress(OSError):  # its log may be on a full disk
            print(f"dagproof: {error}", file=sys.stderr, flush=True)
        return error.exit_code
    except OSError as error:
        if error.errno not in _FULL:
            client.say(error=f"The supervisor of the cluster failed: {error!r}.", exit_code=3)
            raise
        client.say(error=str(place.unusable(error)), exit_code=3)
        return 3
    except BaseException as error:
        client.say(error=f"The supervisor of the cluster failed: {error!r}.", exit_code=3)
        raise
    return 0


def _leave(*_: object) -> NoReturn:
    for sign in (signal.SIGTERM, signal.SIGINT):
        signal.signal(sign, signal.SIG_IGN)  # who is told again does not leave faster
    raise _LeaveError


@contextlib.contextmanager
def _held(place: ClusterPlace) -> Iterator[None]:
    place.make()
    lock = place.hold()
    if lock is None:
        raise UnavailableError(
            f"Another process has just begun a cluster in `{place.folder}`; ask again."
        )
    with lock:
        os.truncate(place.supervisor_log, 0)  # who did not get the lock has written there, too
        end_leftovers(place.folder)
        place.renew()
        yield


def _bring_up(deployment: Deployment, client: Client) -> None:
    deployment.start()
    while not deployment.is_healthy():
        client.check()
        time.sleep(_TICK_SECONDS)


def _keep_going(deployment: Deployment, client: Client) -> None:
    while True:
        deployment.look_after()
        client.check()
        time.sleep(_TICK_SECONDS)


if __name__ == "__main__":
    sys.exit(main())
