"""What running a DAG again changes that a single run has not left so."""

from dataclasses import dataclass

from dagproof.model.contracts import Counterexample
from dagproof.model.run import DagOutcome


@dataclass(frozen=True, slots=True)
class StateDifference:
    """Something that is not the same after another run.

    Attributes:
        kind: `object`, `file`, `table`, `mlflow-run`, `model-version`, or `run` for the DAG run.
        name: what it is; parts that look made up are `*`.
        message: a fact, one sentence without a full stop, code in backticks.
        field: of an MLflow run: such as ``metric `rmse` ``; empty for the thing itself.
        more: whether there is more of it than before, and not another one.
        retried: whether it took retries to see it.
        tasks: ids of the tasks that changed it, as far as that was seen.
    """

    kind: str
    name: str
    message: str
    field: str = ""
    more: bool = False
    retried: bool = False
    tasks: tuple[str, ...] = ()

    @property
    def duplicate_tracking(self) -> bool:
        """Whether a retry has left MLflow runs or model versions twice."""
        return self.retried and self.more and self.kind in {"mlflow-run", "model-version"}

    def __str__(self) -> str:
        tasks = " and ".join(f"`{task}`" for task in self.tasks)
        return f"{tasks}: {self.message}" if tasks else self.message


@dataclass(frozen=True, slots=True)
class Repetition:
    """What became of a DAG that was run, run again, and run with retries.

    Attributes:
        dag_id: the DAG.
        runs: in the order in which they were made; those behind a failed first run are missing.
        differences: what is not the same.
        notes: sentences on what was not looked at.
        seconds: wall-clock seconds of everything.
        looking: of these, seconds spent on looking at the services.
        path: absolute, of the DAG's file; empty where it has none.
    """

    dag_id: str
    runs: tuple[DagOutcome, ...]
    differences: tuple[StateDifference, ...] = ()
    notes: tuple[str, ...] = ()
    seconds: float = 0.0
    looking: float = 0.0
    path: str = ""

    @property
    def repeatable(self) -> bool:
        """Whether every run succeeded and nothing differs."""
        return not self.differences and all(run.succeeded for run in self.runs)

    def __str__(self) -> str:
        failed = [f"{run.label}: {run.state}" for run in self.runs if not run.succeeded]
        return "\n".join([*failed, *map(str, self.differences)])


@dataclass(frozen=True, slots=True)
class RepetitionTrace:
    """What repetitions of the DAGs of one file have shown, with places.

    Attributes:
        path: of the file, as it is shown.
        counterexamples: what is not the same, each at the task that changed it.
    """

    path: str
    counterexamples: tuple[Counterexample, ...] = ()
