"""What dagproof has to say: the only argument of a reporter."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dagproof.model.run import DagOutcome


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
class Report:
    """The result of one command.

    Attributes:
        runs: outcomes in the order in which the DAGs were run.
        tracking: what MLflow holds, when it was among the services.
        seconds: wall-clock seconds of the whole command.
        timings: seconds by what they were spent on.
    """

    runs: tuple[DagOutcome, ...] = ()
    tracking: Tracking = field(default_factory=Tracking)
    seconds: float = 0.0
    timings: Mapping[str, float] = field(default_factory=dict)

    @property
    def clean(self) -> bool:
        """Whether nothing failed."""
        return all(run.succeeded for run in self.runs)
