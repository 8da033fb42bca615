"""The MLflow runs of a task instance, as they were seen to begin and as MLflow holds them now."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from dagproof.model import DagOutcome, SeenRuns, TaskOutcome, UnavailableError, UsageError


@dataclass(frozen=True, slots=True)
class OwnRun:
    """A run and what is known of it.

    Attributes:
        run_id: MLflow's id.
        run: `mlflow.entities.Run`; None where MLflow holds it no more.
        try_number: in which it began; None where it began in no task.
        left_open: whether the task left it active, and dagproof ended it.
    """

    run_id: str
    run: Any
    try_number: int | None = None
    left_open: bool = False

    @property
    def counts(self) -> bool:
        """Whether it is there and not deleted."""
        return self.run is not None and self.run.info.lifecycle_stage == "active"

    @property
    def line(self) -> str:
        """Name, status, start, try and id on one line."""
        if self.run is None:
            return f"{self.run_id}, gone from MLflow{self._begun}"
        info = self.run.info
        start = datetime.fromtimestamp(info.start_time / 1000, UTC).strftime("%H:%M:%S.%f")[:-3]
        words = [f"`{info.run_name}`", info.status, f"started {start} UTC{self._begun}"]
        if not self.counts:
            words.append("deleted")
        if self.left_open:
            words.append("left open, and ended by dagproof")
        return f"{', '.join(words)}  {self.run_id}"

    @property
    def _begun(self) -> str:
        return "" if self.try_number is None else f" in try {self.try_number}"


def seen(outcome: DagOutcome) -> SeenRuns:
    """Return what was seen of MLflow in a run.

    Raises:
        UsageError: MLflow is not among its services.
    """
    if outcome.seen_runs is None:
        raise UsageError(
            f"Nobody saw which MLflow runs `{outcome.dag_id}` began: MLflow is not among the "
            "services. Add `mlflow` to `services` under [tool.dagproof] in pyproject.toml."
        )
    return outcome.seen_runs


def own_runs(outcome: DagOutcome, client: Any, task: TaskOutcome) -> list[OwnRun]:
    """Return the runs that began in the attempts of a task instance, without nested ones.

    Raises:
        UsageError: MLflow is not among the services.
        UnavailableError: MLflow did not answer when it was asked for them.
    """
    sight = seen(outcome)
    for attempt in sight.unseen:
        if (attempt.task_id, attempt.map_index) == (task.task_id, task.map_index):
            raise UnavailableError(
                f"MLflow did not answer which runs try {attempt.try_number} of `{task.label}` "
                "began: look at its log, or run the DAG again."
            )
    tries = {one.run_id: one.attempt.try_number for one in sight.begun if one.attempt}
    left = " ".join(leak.detail for leak in task.leaks if leak.name == "active_run")
    return [
        OwnRun(run_id, fetched(client, run_id), tries.get(run_id), run_id in left)
        for run_id in task.mlflow_runs
    ]


def ownerless(outcome: DagOutcome, client: Any) -> list[OwnRun]:
    """Return the runs that began while the DAG ran, and in no task nor nested in such a run.

    Raises:
        UsageError: MLflow is not among the services.
    """
    begun = {one.run_id: one for one in seen(outcome).begun}
    nobodys = (one for one in begun.values() if one.attempt is None and one.parent not in begun)
    return [OwnRun(one.run_id, fetched(client, one.run_id)) for one in nobodys]


def fetched(client: Any, run_id: str) -> Any:
    """Return a run, or None where MLflow holds it no more."""
    try:
        return client.get_run(run_id)
    except Exception as error:
        if getattr(error, "error_code", "") != "RESOURCE_DOES_NOT_EXIST":
            raise
        return None


def listed(runs: Sequence[OwnRun], indent: str = "    ") -> str:
    """Return a line for each run."""
    return "\n".join(f"{indent}{one.line}" for one in runs)


def where(client: Any, own: OwnRun) -> str:
    """Return two lines that say where a run is found."""
    info = own.run.info
    experiment = client.get_experiment(info.experiment_id)
    began = "" if own.try_number is None else f", try {own.try_number}"
    address = str(getattr(client, "tracking_uri", "")).rstrip("/")
    place = f"#/experiments/{info.experiment_id}/runs/{info.run_id}"
    return (
        f"  run `{info.run_name}` of experiment `{experiment.name}`{began}\n"
        f"  {f'{address}/{place}' if address.startswith('http') else info.run_id}"
    )
