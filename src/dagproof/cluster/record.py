"""What a running cluster says of itself, in a file that its owner alone reads."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self


@dataclass(frozen=True, slots=True)
class MemberRecord:
    """One process of a cluster.

    Attributes:
        name: such as `scheduler` or `worker-1`.
        pid: of the process.
        log: where it writes.
        restarts: how often it had ended and was started again.
    """

    name: str
    pid: int
    log: str
    restarts: int = 0


@dataclass(frozen=True, slots=True)
class Record:
    """A cluster that runs.

    Attributes:
        root: of the repository.
        pid: of the supervisor; when it ends, all does.
        url: of the API and its web pages.
        user: who may do everything.
        password: of that user.
        broker: `redis` or `postgres`.
        logs: the folder with one log for each process.
        task_logs: the folder with the logs of tasks.
        seconds: from the command to the first time that all was healthy.
        members: its processes.
        environment: of the services that it uses.
        redis: the socket of its Redis; empty where there is none.
    """

    root: str
    pid: int
    url: str
    user: str
    password: str = field(repr=False)
    broker: str
    logs: str
    task_logs: str
    seconds: float = 0.0
    members: tuple[MemberRecord, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    redis: str = ""

    def write(self, path: Path) -> None:
        """Write it, whole or not at all, for the owner alone."""
        scratch = path.with_suffix(".new")
        scratch.unlink(missing_ok=True)
        descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            json.dump(asdict(self), file, indent=1)
        scratch.replace(path)

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return what was written; None where there is nothing."""
        try:
            told = json.loads(path.read_text())
        except FileNotFoundError:
            return None
        return cls.of(told)

    @classmethod
    def of(cls, told: Mapping[str, Any]) -> Self:
        """Return what a JSON document tells."""
        members = tuple(MemberRecord(**member) for member in told["members"])
        return cls(**{**told, "members": members})
