"""What a run holds to make its services fail: the proxy's ports, and the switches of its faults."""

import contextlib
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import IO, Any, Final

from dagproof.model import Attempt, Environment, Fault, FaultRecord, UnavailableError
from dagproof.services.faults.refused import tries_counted
from dagproof.services.faults.rewriting import addresses, rewritten
from dagproof.services.lease import past_proxies
from dagproof.services.wire import Wire

_REPLY_SECONDS: Final = 30.0


class Switchboard:
    """Faults of the services of one run.

    Attributes:
        environment: the variables that lead to the faulted services by way of the proxy.
    """

    def __init__(
        self,
        environment: Environment,
        faults: Sequence[Fault],
        proxy: "_Process",
        tries: Mapping[str, Sequence[float]],
    ) -> None:
        self.environment = environment
        self._faults = tuple(faults)
        self._proxy = proxy
        self._tries = tries
        self._begun: dict[Fault, tuple[str, int] | None] = {}
        self._attempts: Counter[Fault] = Counter()

    @property
    def hits(self) -> dict[Fault, int]:
        """How many requests or connections each fault has hit so far."""
        return {fault: hits for fault, (_, _, hits) in self._reports().items()}

    def begin(self, fault: Fault) -> None:
        """Begin a fault, once; when this returns, it holds.

        Raises:
            UnavailableError: the proxy has died.
        """
        if fault not in self._begun:
            self._begun[fault] = None
            self._proxy.ask("begin", index=self._faults.index(fault))

    def end(self, fault: Fault) -> None:
        """End a fault; one that does not hold stays as it is.

        Raises:
            UnavailableError: the proxy has died.
        """
        self._proxy.ask("end", index=self._faults.index(fault))

    def begin_run(self) -> None:
        """Begin the faults that are there from the beginning."""
        for fault in self._faults:
            if fault.at is None:
                self.begin(fault)

    @contextlib.contextmanager
    def attempt(self, attempt: Attempt) -> Iterator[None]:
        """Begin and end what begins and ends with an attempt of a task."""
        instance = (attempt.task_id, attempt.map_index)
        for fault in self._faults:
            if fault.at == attempt.task_id and fault not in self._begun:
                self.begin(fault)
                self._begun[fault] = instance
        try:
            yield
        finally:
            for fault in self._faults:
                if self._begun.get(fault) == instance:
                    self._attempts[fault] += 1
                    if self._attempts[fault] == fault.attempts:
                        self.end(fault)

    def has_begun(self, service: str) -> bool:
        """Say whether a fault of a service has begun, over or not."""
        return any(fault.service == service for fault in self._begun)

    def records(self, start: float) -> tuple[FaultRecord, ...]:
        """Return what became of each fault.

        Args:
            start: of the run, on the monotonic clock.
        """
        return tuple(
            FaultRecord(
                str(fault),
                None if began is None else max(0.0, began - start),
                None if ended is None else max(0.0, ended - start),
                hits,
                "connection" if fault.closes else "request",
            )
            for fault, (began, ended, hits) in self._reports().items()
        )

    def _reports(self) -> dict[Fault, tuple[float | None, float | None, int]]:
        told = self._proxy.ask("report")
        return {
            fault: (began, ended, hits + self._refused(fault, began, ended))
            for fault, (began, ended, hits) in zip(self._faults, told, strict=True)
        }

    def _refused(self, fault: Fault, began: float | None, ended: float | None) -> int:
        if not fault.closes or began is None:
            return 0
        tries = self._tries.get(fault.service, ())
        return sum(began <= at and (ended is None or at < ended) for at in tries)


@contextlib.contextmanager
def faulty(environment: Environment, faults: Sequence[Fault]) -> Iterator[Switchboard]:
    """Put a proxy before each service that has a fault, for the length of a `with` block.

    Args:
        environment: that leads to the services.
        faults: what can happen to them; none has begun yet.

    Raises:
        UsageError: a fault's service is not there, or cannot have a proxy before it.
        UnavailableError: the proxy does not start.
    """
    faults = tuple(dict.fromkeys(faults))
    found = addresses(environment, dict.fromkeys(fault.service for fault in faults))
    plan = {
        "upstreams": {service: (one.host, one.port) for service, one in found.items()},
        "faults": [str(fault) for fault in faults],
    }
    with contextlib.ExitStack() as stack:
        proxy = stack.enter_context(_started(plan))
        ports: dict[str, int] = proxy.hear("ports")
        closing = {fault.service for fault in faults if fault.closes}
        watched = {service: port for service, port in ports.items() if service in closing}
        tries = stack.enter_context(tries_counted(watched))
        leading = {
            **rewritten(environment, {one: ports[service] for service, one in found.items()}),
            **past_proxies({**os.environ, **environment}),
        }
        yield Switchboard(leading, faults, proxy, tries)


class _Process:
    """Our end of the process that the proxy runs in.

    A task may fork, and its child go on after the task: then it lets go of what is not its own.
    """

    def __init__(self, process: "subprocess.Popen[bytes]", wire: Wire, log: IO[bytes]) -> None:
        self._process = process
        self._wire = wire
        self._log = log
        self._owner = os.getpid()

    def ask(self, operation: str, **arguments: object) -> Any:
        """Ask for something, and return the answer."""
        if os.getpid() != self._owner:
            raise UnavailableError("Faults begin and end in the process that runs the DAG alone.")
        self._wire.send({"op": operation, **arguments})
        return self.hear(operation)

    def hear(self, key: str) -> Any:
        """Return what it says under a key.

        Raises:
            UnavailableError: it says nothing.
        """
        message: dict[str, Any] | None = {}
        while message is not None and key not in message:  # an interrupted question has an answer
            try:
                message = self._wire.receive(_REPLY_SECONDS)
            except TimeoutError:
                message = None
        if message is None:
            self._log.seek(0)
            lines = self._log.read().decode(errors="replace").strip().splitlines()
            why = f": {lines[-1]}" if lines else "."
            raise UnavailableError(f"The proxy that makes services fail has died{why}")
        return message[key]

    def close(self) -> None:
        """End it."""
        if os.getpid() == self._owner:
            self._process.kill()
            self._process.wait()
        self._wire.close()


@contextlib.contextmanager
def _started(plan: Mapping[str, object]) -> Iterator[_Process]:
    ours, theirs = socket.socketpair()
    with tempfile.TemporaryFile() as log:
        with theirs:
            process = subprocess.Popen(
                [
                    *(sys.executable, "-P", "-m", "dagproof.services.faults.process"),
                    *(str(theirs.fileno()), str(os.getpid()), json.dumps(plan)),
                ],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        held = _Process(process, Wire(ours), log)
        try:
            yield held
        finally:
            held.close()
