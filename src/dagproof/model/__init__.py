"""The nouns: frozen, standard library only, no I/O."""

from dagproof.model.errors import DagproofError, UnavailableError, UsageError
from dagproof.model.report import RegisteredVersion, Report, TrackedRun, Tracking
from dagproof.model.run import DagOutcome, Leak, TaskError, TaskOutcome
from dagproof.model.service import Environment, Progress, Service

__all__ = [
    "DagOutcome",
    "DagproofError",
    "Environment",
    "Leak",
    "Progress",
    "RegisteredVersion",
    "Report",
    "Service",
    "TaskError",
    "TaskOutcome",
    "TrackedRun",
    "Tracking",
    "UnavailableError",
    "UsageError",
]
