"""The nouns: frozen, standard library only, no I/O."""

from dagproof.model.contracts import ContractTrace, Counterexample
from dagproof.model.errors import DagproofError, UnavailableError, UsageError
from dagproof.model.finding import Edit, Finding, Hit, Kind, Related, Rule, Severity, Span
from dagproof.model.imports import (
    Crash,
    Difference,
    Effect,
    Ending,
    GlobalLeak,
    ImportFailure,
    ImportTrace,
    ModuleCost,
)
from dagproof.model.report import RegisteredVersion, Report, TrackedRun, Tracking, Unread
from dagproof.model.run import (
    Attempt,
    DagOutcome,
    Leak,
    TaskError,
    TaskOutcome,
    XComRecord,
    XComTrouble,
)
from dagproof.model.service import Containers, Environment, Progress

__all__ = [
    "Attempt",
    "Containers",
    "ContractTrace",
    "Counterexample",
    "Crash",
    "DagOutcome",
    "DagproofError",
    "Difference",
    "Edit",
    "Effect",
    "Ending",
    "Environment",
    "Finding",
    "GlobalLeak",
    "Hit",
    "ImportFailure",
    "ImportTrace",
    "Kind",
    "Leak",
    "ModuleCost",
    "Progress",
    "RegisteredVersion",
    "Related",
    "Report",
    "Rule",
    "Severity",
    "Span",
    "TaskError",
    "TaskOutcome",
    "TrackedRun",
    "Tracking",
    "UnavailableError",
    "Unread",
    "UsageError",
    "XComRecord",
    "XComTrouble",
]
