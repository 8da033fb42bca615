"""What a run of a DAG left behind: the outcome of the run and of each task in it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from dagproof.model.fault import FaultRecord


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try of one task instance; `map_index` is -1 where the task is not mapped."""

    task_id: str
    map_index: int
    try_number: int


@dataclass(frozen=True, slots=True)
class BegunRun:
    """An MLflow run that began while a DAG ran.

    Attributes:
        run_id: MLflow's id.
        attempt: in which it began; None outside any.
        parent: the id of the run that it is nested in; empty where it is in none.
    """

    run_id: str
    attempt: Attempt | None
    parent: str = ""


@dataclass(frozen=True, slots=True)
class SeenRuns:
    """What was seen of MLflow while a DAG ran.

    Attributes:
        begun: the runs that began, in order.
        unseen: the attempts of which MLflow did not answer which runs they began.
    """

    begun: tuple[BegunRun, ...] = ()
    unseen: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Leak:
    """Process state that a task changed and that the runner put back before the next task.

    Attributes:
        kind: `environment`, `cwd`, `mlflow`, `global`, or `thread`, which nobody can put back.
        name: what changed: a variable, `module.name`, `tracking_uri`, `active_run`, a thread.
        detail: one sentence that says how it changed.
    """

    kind: str
    name: str
    detail: str


@dataclass(frozen=True, slots=True)
class TaskError:
    """Why a task failed, as plain data that crosses processes.

    Attributes:
        type: the exception's qualified class name.
        message: its text, possibly of several lines.
        traceback: the traceback from the task's own frames on, ready to print.
    """

    type: str
    message: str
    traceback: str


@dataclass(frozen=True, slots=True)
class XComTrouble:
    """What is wrong with a value that a task pushed.

    Attributes:
        offence: the slug of a rule, such as `lossy-xcom`.
        message: a fact, one sentence without a full stop, code in backticks.
        detail: more than one line: a difference.
    """

    offence: str
    message: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class XComRecord:
    """A value that a task pushed to XCom, without the value.

    Attributes:
        key: of the XCom.
        type: the qualified name of its class.
        stored: bytes of JSON in the metadata database; None where it did not get there.
        elsewhere: bytes that the XCom backend keeps in local files beside it; None where unknown.
        readable: whether a task that pulls it gets anything.
        loss: what comes back for what, one sentence; empty where nothing is lost.
        diff: two lines for each loss, `- ` pushed and `+ ` pulled.
        troubles: what is wrong with it, a loss included.
        path: absolute, of the file with the task's callable; empty where it has none.
        line: where the callable begins, from one.
    """

    key: str
    type: str
    stored: int | None = None
    elsewhere: int | None = None
    readable: bool = True
    loss: str = ""
    diff: str = ""
    troubles: tuple[XComTrouble, ...] = ()
    path: str = ""
    line: int = 1


@dataclass(frozen=True, slots=True)
class TaskOutcome:
    """How one task instance ended.

    Attributes:
        task_id: the task's id, with its groups.
        map_index: -1 for a task that is not mapped.
        state: Airflow's final state (`success`, `failed`, `skipped`, `upstream_failed`, …).
        tries: attempts made; 0 when it never started.
        seconds: wall-clock seconds inside all attempts together.
        xcoms: values by key, as the configured XCom backend reads them back.
        error: of the last attempt, when it failed.
        leaks: process state that this task left changed.
        stubbed: whether a value was given in place of running it.
        pushed: what it pushed to XCom, in order of its last attempt; empty where nobody looked.
        mlflow_runs: ids of the MLflow runs that began in its attempts, in order; those that are
            nested in one of them belong to it, and are left out.
        open_mlflow_runs: ids of those, nested or not, that nobody had ended when the DAG's run was
            over; what was left active in the process has been ended, and is one of `leaks`.
        started: seconds from the beginning of the run to that of its first attempt.
        reason: what it said when it skipped itself; empty for any other end.
    """

    task_id: str
    map_index: int
    state: str
    tries: int
    seconds: float
    xcoms: Mapping[str, object] = field(default_factory=dict)
    error: TaskError | None = None
    leaks: tuple[Leak, ...] = ()
    stubbed: bool = False
    pushed: tuple[XComRecord, ...] = ()
    mlflow_runs: tuple[str, ...] = ()
    open_mlflow_runs: tuple[str, ...] = ()
    started: float = 0.0
    reason: str = ""

    @property
    def label(self) -> str:
        """The id, with the map index in brackets where the task is mapped."""
        return self.task_id if self.map_index < 0 else f"{self.task_id}[{self.map_index}]"


@dataclass(frozen=True, slots=True)
class TriggeredRun:
    """A run that a task began of another DAG, or of the same one; it has not been carried out.

    Attributes:
        dag_id: its DAG.
        run_id: Airflow's run id.
        conf: of the run.
    """

    dag_id: str
    run_id: str
    conf: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DagOutcome:
    """How a run of a DAG ended.

    Attributes:
        dag_id: the DAG.
        run_id: Airflow's run id.
        state: `success`, `failed`, or `timeout` when the watchdog ended the run.
        tasks: one outcome for each task instance, in the order in which they started;
            those that never started come last.
        seconds: wall-clock seconds of the run, without imports and services.
        error: why the run ended outside any task: the watchdog, with the stacks it took.
        path: absolute, of the DAG's file; empty where it has none.
        label: which of several runs of the DAG it is; empty where there is one.
        faults: what came of the faults that were asked for, in their order.
        seen_runs: of MLflow; None where it is not among the services.
        triggered: the runs that its tasks triggered, which were not there before.
    """

    dag_id: str
    run_id: str
    state: str
    tasks: tuple[TaskOutcome, ...]
    seconds: float
    error: TaskError | None = None
    path: str = ""
    label: str = ""
    faults: tuple[FaultRecord, ...] = ()
    seen_runs: SeenRuns | None = None
    triggered: tuple[TriggeredRun, ...] = ()

    @property
    def succeeded(self) -> bool:
        """Whether the whole run is a success."""
        return self.state == "success"

    @property
    def failures(self) -> tuple[TaskOutcome, ...]:
        """The task instances that failed themselves, not those behind them."""
        return tuple(task for task in self.tasks if task.state == "failed")

    def task(self, task_id: str, map_index: int | None = None) -> TaskOutcome:
        """Return the outcome of one task instance.

        Args:
            task_id: the task's id, with its groups.
            map_index: needed only when the task has several mapped instances.

        Raises:
            KeyError: no such task instance, or several and no `map_index`; the message lists them.
        """
        same_id = [task for task in self.tasks if task.task_id == task_id]
        found = [task for task in same_id if map_index is None or task.map_index == map_index]
        if len(found) == 1:
            return found[0]
        known = ", ".join(task.label for task in same_id or self.tasks)
        reason = "several instances, give map_index" if len(found) > 1 else "no such task instance"
        raise KeyError(f"{task_id!r} in {self.dag_id!r}: {reason} (there are: {known})")

    def xcom(self, task_id: str, key: str = "return_value", map_index: int | None = None) -> object:
        """Return one XCom value.

        Raises:
            KeyError: no such task instance or key.
        """
        return self.task(task_id, map_index).xcoms[key]
