"""What a cluster is asked to be, as the command tells the process that supervises it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

BROKERS = ("redis", "postgres")


@dataclass(frozen=True, slots=True)
class Plan:
    """What a cluster is asked to be.

    Attributes:
        root: of the repository whose DAGs it runs.
        folder: where its files go.
        port: of the API and its web pages; 0 for one that is free.
        workers: how many Celery workers.
        concurrency: tasks that each of them runs at a time.
        broker: `redis`, `postgres`, or empty for Redis where there is one.
        backend: what stands behind the services; empty for what the repository says.
        env: variables that win over those of services and settings.
    """

    root: Path
    folder: Path
    port: int = 0
    workers: int = 2
    concurrency: int = 2
    broker: str = ""
    backend: str = ""
    env: Mapping[str, str] = field(default_factory=dict)

    def to_json(self) -> str:
        """Return one line of JSON."""
        return json.dumps(
            asdict(self) | {"root": str(self.root), "folder": str(self.folder)}, sort_keys=True
        )

    @classmethod
    def from_json(cls, text: str) -> Self:
        """Return the plan that a line of JSON tells."""
        told: dict[str, Any] = json.loads(text)
        return cls(**told | {"root": Path(told["root"]), "folder": Path(told["folder"])})
