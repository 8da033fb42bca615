"""The nouns: frozen, standard library only, no I/O."""

from dagproof.model.contracts import ContractTrace, Counterexample
from dagproof.model.errors import DagproofError, UnavailableError, UsageError
from dagproof.model.fault import Fault, FaultRecord
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
from dagproof.model.repetition import Repetition, RepetitionTrace, StateDifference
from dagproof.model.report import RegisteredVersion, Report, TrackedRun, Tracking, Unread
from dagproof.model.run import (
    Attempt,
    BegunRun,
    DagOutcome,
    Leak,
    SeenRuns,
    TaskError,
    TaskOutcome,
    XComRecord,
    XComTrouble,
)
from dagproof.model.service import Containers, Environment, Progress
from dagproof.model.state import LoggedRun, LoggedVersion, Snapshot, Stored, TableState

__all__ = [
    "Attempt",
    "BegunRun",
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
    "Fault",
    "FaultRecord",
    "Finding",
    "GlobalLeak",
    "Hit",
    "ImportFailure",
    "ImportTrace",
    "Kind",
    "Leak",
    "LoggedRun",
    "LoggedVersion",
    "ModuleCost",
    "Progress",
    "RegisteredVersion",
    "Related",
    "Repetition",
    "RepetitionTrace",
    "Report",
    "Rule",
    "SeenRuns",
    "Severity",
    "Snapshot",
    "Span",
    "StateDifference",
    "Stored",
    "TableState",
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
