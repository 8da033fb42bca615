"""What dagproof has to say: the only argument of a reporter."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dagproof.model.change import Comparison, Impact
from dagproof.model.contracts import ContractTrace
from dagproof.model.finding import Finding, Rule, Severity
from dagproof.model.imports import ImportTrace
from dagproof.model.repetition import Repetition
from dagproof.model.run import DagOutcome
from dagproof.model.shape import DagDiff
from dagproof.model.stage import Stage, StageState


@dataclass(frozen=True, slots=True)
class TrackedRun:
    """One MLflow run as the server tells it.

    Attributes:
        run_id: MLflow's id.
        name: the run's name.
        experiment: the experiment's name.
        status: `FINISHED`, `FAILED`, `RUNNING` or `KILLED`.
        metrics: last value by name.
        tags: the run's own tags, without those that MLflow sets.
    """

    run_id: str
    name: str
    experiment: str
    status: str
    metrics: Mapping[str, float]
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class RegisteredVersion:
    """One version of a registered model, with the aliases that point at it."""

    name: str
    version: str
    aliases: tuple[str, ...]
    run_id: str


@dataclass(frozen=True, slots=True)
class Tracking:
    """What the MLflow server holds after the runs."""

    runs: tuple[TrackedRun, ...] = ()
    versions: tuple[RegisteredVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """A file that could not be read, and why: one sentence."""

    path: str
    message: str


@dataclass(frozen=True, slots=True)
class Report:
    """The result of one command.

    Attributes:
        runs: outcomes in the order in which the DAGs were run.
        tracking: what MLflow holds, when it was among the services.
        seconds: wall-clock seconds of the whole command.
        timings: seconds by what they were spent on.
        findings: in order of path and line.
        rules: the rules that were looked for, in order of code.
        files: how many files were looked at.
        errors: the files that could not be read.
        imports: what was seen while DAG files were imported, in order of path.
        contracts: what DAG files promise, as it was tried, in order of path.
        repetitions: what running DAGs again has changed, in the order in which they were run.
        notes: sentences that belong to the whole, such as how much a baseline held back.
        held: how many findings a baseline held back.
        stages: of a gate: what came of each kind of evidence; empty for other commands.
        comparison: with which state this one was compared; None where nobody asked.
        impact: what the change can affect; None where nobody asked.
        diffs: how DAGs differ from what they were, in order of DAG id.
    """

    runs: tuple[DagOutcome, ...] = ()
    tracking: Tracking = field(default_factory=Tracking)
    seconds: float = 0.0
    timings: Mapping[str, float] = field(default_factory=dict)
    findings: tuple[Finding, ...] = ()
    rules: tuple[Rule[Any], ...] = ()
    files: int = 0
    errors: tuple[Unread, ...] = ()
    imports: tuple[ImportTrace, ...] = ()
    contracts: tuple[ContractTrace, ...] = ()
    repetitions: tuple[Repetition, ...] = ()
    notes: tuple[str, ...] = ()
    held: int = 0
    stages: tuple[Stage, ...] = ()
    comparison: Comparison | None = None
    impact: Impact | None = None
    diffs: tuple[DagDiff, ...] = ()

    @property
    def clean(self) -> bool:
        """Whether nothing failed; notes are no failure.

        A file in `errors` is a finding too, but for one that was not tried to its end.
        """
        harmless = all(finding.severity is Severity.NOTE for finding in self.findings)
        tried = not any(one.failure for one in self.contracts)
        able = not any(stage.exit_code for stage in self.stages)
        return harmless and tried and able and all(run.succeeded for run in self.runs)

    @property
    def exit_code(self) -> int:
        """0 clean, 1 findings or a failed run; 2 and 3 where a stage could not look."""
        unable = [stage.exit_code for stage in self.stages if stage.state is StageState.UNABLE]
        return max(unable, default=0 if self.clean else 1)
