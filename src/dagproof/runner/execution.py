"""Runs one DAG and writes down how each task ended."""

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from dagproof.model import Attempt, DagOutcome, Leak, TaskError, TaskOutcome, UsageError, XComRecord
from dagproof.runner import process_state
from dagproof.runner.failures import describe
from dagproof.runner.watchdog import Watchdog, watched

if TYPE_CHECKING:
    from dagproof.airflow_compat.execution import AttemptResult, FinalState, FinishedRun
    from dagproof.airflow_compat.xcom_pushes import Push

OnTask = Callable[[TaskOutcome], None]
"""Told of each attempt as it ends, with what is known by then."""

Companion = Callable[[Attempt], contextlib.AbstractContextManager[None]]
"""Gives what an attempt is carried out within; what it does to this process is not put back."""

Examine = Callable[["Push"], XComRecord]
"""Says what there is to say of a value on its way to XCom, without keeping it."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How a DAG is run.

    Attributes:
        conf: the run's conf.
        logical_date: timezone-aware; now when None.
        stubs: return values by task id, in place of executing the task.
        timeout: seconds after which the watchdog ends the run.
        end_process: whether the watchdog may end the process when the run does not react.
        real_retry_delays: wait through `retry_delay` as a scheduler would.
        debugger: called with the exception when an attempt failed, before its state is put back.
        on_start: told the label of each attempt as it begins.
        on_task: told of each attempt as it ends.
        companions: are around each attempt, the first outermost; they must not raise.
        examine: looks at each value that goes to XCom; None where nobody wants to know.
        targets: files of the DAGs that it triggers, as `find_targets` gives them.
    """

    conf: Mapping[str, object] = field(default_factory=dict)
    logical_date: datetime | None = None
    stubs: Mapping[str, object] = field(default_factory=dict)
    timeout: float = 1800.0
    end_process: bool = False
    real_retry_delays: bool = False
    debugger: Callable[[BaseException], None] | None = None
    on_start: Callable[[str], None] = lambda _: None
    on_task: OnTask = lambda _: None
    companions: Sequence[Companion] = ()
    examine: Examine | None = None
    targets: Sequence[Path] = ()


@dataclass(slots=True)
class _Notes:
    """What was written down of one task instance while it ran."""

    state: str = "failed"  # until its attempt says otherwise
    tries: int = 0
    seconds: float = 0.0
    error: TaskError | None = None
    reason: str = ""
    leaks: dict[Leak, None] = field(default_factory=dict)  # an ordered set
    pushed: dict[str, XComRecord] = field(default_factory=dict)
    order: int = 0
    started: float = 0.0


def run_dag(dag: Any, roots: Sequence[Path], options: RunOptions) -> DagOutcome:
    """Run `dag` by its own `dag.test()` in this process.

    Args:
        dag: a DAG as `find_dag` gives it.
        roots: folders of the user's own modules, whose globals are guarded between tasks.
        options: how.

    Raises:
        KeyboardInterrupt: Ctrl-C, also when a task caught it.
    """
    from dagproof.airflow_compat.execution import Interruption, execute

    started = time.monotonic()
    recorder = _Recorder(roots, options, started)
    try:
        with watched(options.timeout, Interruption, last_resort=options.end_process) as dog:
            recorder.watchdog = dog
            finished = execute(
                dag,
                conf=options.conf,
                logical_date=options.logical_date,
                stubs=options.stubs,
                real_retry_delays=options.real_retry_delays,
                around=recorder.around,
                on_push=recorder.on_push if options.examine is not None else None,
                targets=options.targets,
            )
    except Interruption as interruption:
        outcome = recorder.interrupted(dag.dag_id, time.monotonic() - started, interruption)
    else:
        if recorder.defect is not None:
            raise recorder.defect
        outcome = recorder.outcome(dag.dag_id, finished, time.monotonic() - started)
    return replace(outcome, path=getattr(dag, "fileloc", ""))


def check_question(dag: Any, options: RunOptions) -> None:
    """Refuse what can be refused before anything is started.

    Raises:
        UsageError: the DAG refuses the conf, or a stub names no task.
    """
    from dagproof.airflow_compat.execution import check_conf

    check_conf(dag, options.conf)
    unknown = sorted(set(options.stubs) - set(dag.task_ids))
    if unknown:
        tasks = ", ".join(f"`{task}`" for task in sorted(dag.task_ids))
        raise UsageError(
            f"DAG `{dag.dag_id}` has no task `{unknown[0]}` to stub. Its tasks: {tasks}."
        )


class _Recorder:
    """Stands around every attempt: times it, keeps its error, puts back what it leaked."""

    def __init__(self, roots: Sequence[Path], options: RunOptions, began: float) -> None:
        self.watchdog: Watchdog | None = None
        self.defect: Exception | None = None
        self._roots = roots
        # Airflow 3.3 imports the file anew for each run: tasks then live in a module that
        # `sys.modules` no longer knows.
        self._modules = process_state.modules_under(roots)
        self._options = options
        self._notes: dict[tuple[str, int], _Notes] = {}
        self._began = began

    def around(self, attempt: Attempt, proceed: Callable[[], "AttemptResult"]) -> "AttemptResult":
        with contextlib.ExitStack() as stack:
            for companion in self._options.companions:
                stack.enter_context(self._careful(companion, attempt))
            return self._attempt(attempt, proceed)

    @contextlib.contextmanager
    def _careful(self, companion: Companion, attempt: Attempt) -> Iterator[None]:
        """Enter and leave a companion so that its defects are told from those of the task."""
        within = contextlib.ExitStack()
        with self._noticing_defects():
            within.enter_context(companion(attempt))
        try:
            yield
        finally:
            with self._noticing_defects():
                within.close()

    def _attempt(self, attempt: Attempt, proceed: Callable[[], "AttemptResult"]) -> "AttemptResult":
        key = (attempt.task_id, attempt.map_index)
        notes = self._notes.setdefault(key, _Notes(order=len(self._notes)))
        notes.tries = max(notes.tries, attempt.try_number)
        notes.pushed.clear()
        self._options.on_start(_outcome(key, notes, "running").label)
        with self._noticing_defects():
            before = process_state.take(self._guarded_modules())
        started = time.monotonic()
        if notes.tries == 1:
            notes.started = started - self._began
        notes.state = "failed"
        error: BaseException | None = None
        try:
            result = proceed()
            notes.state, error, notes.reason = result.state, result.error, result.reason
        except BaseException as raised:
            error = raised
            raise
        finally:
            notes.seconds += time.monotonic() - started
            with self._noticing_defects():
                notes.error = self._describe(error)
                if error is not None and self._options.debugger and isinstance(error, Exception):
                    self._options.debugger(error)
                notes.leaks.update(dict.fromkeys(process_state.restore(before)))
                stubbed = self._is_stubbed(key)
                self._options.on_task(_outcome(key, notes, notes.state, stubbed=stubbed))
        return result

    def on_push(self, attempt: Attempt, push: "Push") -> None:
        """Write down a value that goes to XCom; what the task does is none of its business."""
        notes = self._notes[attempt.task_id, attempt.map_index]
        with contextlib.suppress(Exception), self._noticing_defects():
            if self._options.examine is not None:
                record = self._options.examine(push)
                before = notes.pushed.get(push.key) if push.changed else None
                if before is not None:
                    record = replace(before, troubles=(*before.troubles, *record.troubles))
                notes.pushed[push.key] = record

    @contextlib.contextmanager
    def _noticing_defects(self) -> Iterator[None]:
        """Keep what goes wrong in dagproof itself: `dag.test()` would make it a failed task."""
        try:
            yield
        except Exception as defect:
            self.defect = self.defect or defect
            raise

    def _guarded_modules(self) -> Iterable[ModuleType]:
        now = process_state.modules_under(self._roots)
        return {id(module): module for module in (*self._modules, *now)}.values()

    def outcome(self, dag_id: str, finished: "FinishedRun", seconds: float) -> DagOutcome:
        tasks = sorted(finished.tasks, key=self._order)
        return DagOutcome(
            dag_id,
            finished.run_id,
            finished.state,
            tuple(map(self._final, tasks)),
            seconds,
            triggered=tuple(finished.triggered),
        )

    def interrupted(self, dag_id: str, seconds: float, why: BaseException) -> DagOutcome:
        tasks = tuple(
            _outcome(key, notes, notes.state, stubbed=self._is_stubbed(key))
            for key, notes in self._notes.items()
        )
        told = any(task.error and task.state == "failed" for task in tasks)
        error = None if told else self._describe(why)
        return DagOutcome(dag_id, "", "timeout", tasks, seconds, error)

    def _describe(self, error: BaseException | None) -> TaskError | None:
        if error is None:
            return None
        return describe(error, stacks=self.watchdog.stacks if self.watchdog else "")

    def _order(self, task: "FinalState") -> tuple[int, str, int]:
        notes = self._notes.get((task.task_id, task.map_index))
        return (notes.order if notes else len(self._notes), task.task_id, task.map_index)

    def _final(self, task: "FinalState") -> TaskOutcome:
        key = (task.task_id, task.map_index)
        notes = self._notes.get(key, _Notes())
        return _outcome(key, notes, task.state, task.xcoms, stubbed=self._is_stubbed(key))

    def _is_stubbed(self, key: tuple[str, int]) -> bool:
        return key[0] in self._options.stubs


def _outcome(
    key: tuple[str, int],
    notes: _Notes,
    state: str,
    xcoms: Mapping[str, object] | None = None,
    *,
    stubbed: bool = False,
) -> TaskOutcome:
    return TaskOutcome(
        task_id=key[0],
        map_index=key[1],
        state=state,
        tries=notes.tries,
        seconds=notes.seconds,
        xcoms=xcoms or {},
        error=notes.error if state in {"failed", "up_for_retry"} else None,
        leaks=tuple(notes.leaks),
        stubbed=stubbed,
        pushed=tuple(notes.pushed.values()),
        started=notes.started,
        reason=notes.reason if state == "skipped" else "",
    )
