"""What a gate and the processes of its stages tell each other."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dagproof.config import Settings
from dagproof.model import DagOutcome, Report, TaskOutcome


@dataclass(frozen=True, slots=True)
class Work:
    """What a process is to do.

    Attributes:
        stage: its name.
        settings: of the repository.
        request: of the stage's own command: `LintRequest`, `AuditRequest`, …; None for runs.
        more: other arguments, by name.
    """

    stage: str
    settings: Settings
    request: Any
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Said:
    """A sentence of progress."""

    text: str


@dataclass(frozen=True, slots=True)
class RunBegins:
    """The run of a DAG begins."""

    dag: str


@dataclass(frozen=True, slots=True)
class TaskBegins:
    """An attempt of a task instance begins."""

    label: str


@dataclass(frozen=True, slots=True)
class AttemptEnded:
    """An attempt of a task instance has ended."""

    task: TaskOutcome


@dataclass(frozen=True, slots=True)
class RunEnded:
    """The run of a DAG has ended."""

    outcome: DagOutcome


@dataclass(frozen=True, slots=True)
class Told:
    """The stage has ended as it should.

    Attributes:
        report: what it found.
        past: what was there at the base, of the stage that looks there.
    """

    report: Report
    past: Any = None


@dataclass(frozen=True, slots=True)
class Unable:
    """The stage could not look.

    Attributes:
        message: why, one sentence.
        exit_code: that its command would end with.
    """

    message: str
    exit_code: int


Message = Said | RunBegins | TaskBegins | AttemptEnded | RunEnded | Told | Unable
