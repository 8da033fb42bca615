"""The nouns: frozen, standard library only, no I/O."""

from dagproof.model.change import Affected, ChangedFile, Comparison, FileFate, Impact
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
    TriggeredRun,
    XComRecord,
    XComTrouble,
)
from dagproof.model.service import Containers, Environment, Progress
from dagproof.model.shape import DagDiff, DagShape, Fate, ShapeChange, TaskShape
from dagproof.model.stage import Stage, StageState
from dagproof.model.state import LoggedRun, LoggedVersion, Snapshot, Stored, TableState

__all__ = [
    "Affected",
    "Attempt",
    "BegunRun",
    "ChangedFile",
    "Comparison",
    "Containers",
    "ContractTrace",
    "Counterexample",
    "Crash",
    "DagDiff",
    "DagOutcome",
    "DagShape",
    "DagproofError",
    "Difference",
    "Edit",
    "Effect",
    "Ending",
    "Environment",
    "Fate",
    "Fault",
    "FaultRecord",
    "FileFate",
    "Finding",
    "GlobalLeak",
    "Hit",
    "Impact",
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
    "ShapeChange",
    "Snapshot",
    "Span",
    "Stage",
    "StageState",
    "StateDifference",
    "Stored",
    "TableState",
    "TaskError",
    "TaskOutcome",
    "TaskShape",
    "TrackedRun",
    "Tracking",
    "TriggeredRun",
    "UnavailableError",
    "Unread",
    "UsageError",
    "XComRecord",
    "XComTrouble",
]
