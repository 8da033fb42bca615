"""Runs a DAG three times, and compares what each run has left."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Final

from dagproof.airflow_compat.dying_workers import DyingWorkers
from dagproof.airflow_compat.same_run import run_after
from dagproof.app import Session
from dagproof.model import DagOutcome, Repetition, Snapshot, StateDifference, UsageError
from dagproof.repeating.comparison import compare
from dagproof.repeating.exceptions import without
from dagproof.repeating.roots import data_root
from dagproof.repeating.watching import Watch, blamed
from dagproof.repeating.words import AGAIN, RETRIED, TWO_RUNS, Moments, counted
from dagproof.runner import RunOptions
from dagproof.services import silent
from dagproof.services.snapshots import Observer

FIRST: Final = "first run"
SAME: Final = "the same again"
EVERY_TASK: Final = "every task retried"
CLEAN: Final = "again from clean state"

_LOOKING_SECONDS: Final = 10.0
"""How long a run may be looked at between its tasks, or half of what the first run took."""

OnRun = Callable[[str], None]
"""Told what each run is, as it begins."""

Prepare = Callable[[], None]
"""Puts there what a DAG needs, each time that the services are empty."""


def repeat(
    session: Session,
    dag: str,
    options: RunOptions,
    env: Mapping[str, str] | None = None,
    *,
    globs: Sequence[str] | None = None,
    prepare: Prepare | None = None,
    on_run: OnRun = silent,
) -> Repetition:
    """Run a DAG, run it again, and run it from clean state with a retry of every task.

    The second run is what clearing the first one makes: run id, logical date and conf are the
    same. In the third, each task with retries fails once when its work is done, as a worker does
    that dies before it could say so.

    Args:
        session: with services in clean state.
        dag: a DAG id, or the path of a DAG file.
        options: how to run it.
        env: environment variables for these runs alone.
        globs: of what may differ; those of the settings when None.
        prepare: puts there what the DAG needs, before the first and the third run.
        on_run: told what each run is.

    Raises:
        UsageError: no such DAG, it refuses the conf, or the services are not empty.
        BrokenDagError: its file does not import.
        UnavailableError: a service does not answer.
    """
    session.ready()
    given = {**session.environment, **(env or {})}
    started = time.monotonic()
    with data_root(given) as root:
        environment = {**(env or {}), **(root.environment if root else {})}
        observer = Observer(session.tenancy.environment, root.folder if root else None)
        scene = _Scene(session, dag, options, environment, observer, on_run)

        def clean() -> Snapshot:
            session.reset()
            if root is not None:
                root.reset()
            return scene.begin(prepare)

        excepted = session.settings.repeatable_except if globs is None else globs
        told = _Passes(scene, clean, tuple(excepted)).carry_out(scene.first(prepare, clean))
    seconds = time.monotonic() - started
    return replace(told, seconds=seconds, looking=observer.seconds)


@dataclass(slots=True)
class _Scene:
    """One DAG among services, with all that stays the same over its runs."""

    session: Session
    dag: str
    options: RunOptions
    env: Mapping[str, str]
    observer: Observer
    on_run: OnRun
    moment: datetime = field(default_factory=lambda: datetime.now(tz=UTC))

    def begin(self, prepare: Prepare | None) -> Snapshot:
        """Return what is there before a first run, in clean state."""
        before = self.observer.begin()
        if prepare is None:
            return before
        prepare()
        return self.observer.take()

    def first(self, prepare: Prepare | None, clean: Callable[[], Snapshot]) -> Snapshot:
        """Return what is there before the first run of all.

        Raises:
            UsageError: something that the third run would not find.
        """
        before = self.observer.begin()
        if not (before.objects or before.tables or before.runs or before.versions):
            return self.begin(prepare) if prepare else before
        if prepare is not None:
            return clean()
        raise UsageError(
            f"DAG `{self.dag}` is to be run from clean state twice, but the services hold "
            f"{_held(before)} already; put them there by `prepare=`, a function that is called "
            "each time."
        )

    def run(self, label: str, *companions: object) -> DagOutcome:
        """Run the DAG, always as the same DAG run."""
        self.on_run(label)
        options = replace(
            self.options,
            logical_date=self.options.logical_date or self.moment,
            companions=(*self.options.companions, *companions),  # type: ignore[arg-type]
        )
        with run_after(self.moment):
            return replace(self.session.run(self.dag, options, self.env), label=label)


@dataclass(slots=True)
class _Passes:
    """The three runs, and what is told of them."""

    scene: _Scene
    clean: Callable[[], Snapshot]
    globs: Sequence[str]
    runs: list[DagOutcome] = field(default_factory=list)
    differences: list[StateDifference] = field(default_factory=list)
    notes: dict[str, None] = field(default_factory=dict)  # an ordered set

    def carry_out(self, before: Snapshot) -> Repetition:
        """Run, look, and compare."""
        self.notes.update(dict.fromkeys(before.cut))
        first = self.scene.run(FIRST)
        self.runs.append(first)
        if first.succeeded:
            reference = self._take()
            self._again(reference)
            self._with_retries(reference)
        return Repetition(
            first.dag_id,
            tuple(self.runs),
            tuple(self.differences),
            tuple(self.notes),
            path=first.path,
        )

    def _again(self, reference: Snapshot) -> None:
        watch = self._watch(reference)
        run = self.scene.run(SAME, watch)
        self.runs.append(run)
        self._judge(reference, run, watch, TWO_RUNS, retried=False)

    def _with_retries(self, reference: Snapshot) -> None:
        before = self.clean()
        watch, workers = self._watch(before), DyingWorkers(self.scene.options.stubs)
        # The worker dies within the watch, which sees what the task has left by then.
        run = self.scene.run(EVERY_TASK, watch, workers)
        if workers.died:
            self._judge(reference, run, watch, RETRIED, retried=True)
        else:
            run = replace(run, label=CLEAN)
            self._judge(reference, run, watch, AGAIN, retried=False)
        self.runs.append(run)

    def _watch(self, before: Snapshot) -> Watch:
        seconds = max(_LOOKING_SECONDS, self.runs[0].seconds / 2)
        return Watch(self.scene.observer, before, seconds)

    def _take(self) -> Snapshot:
        found = self.scene.observer.take()
        self.notes.update(dict.fromkeys(found.cut))
        return found

    def _judge(
        self, reference: Snapshot, run: DagOutcome, watch: Watch, moments: Moments, *, retried: bool
    ) -> None:
        """Write down what differs after a run that is not known from the runs before."""
        known = {(one.kind, one.name, one.field) for one in self.differences}
        found: Iterable[StateDifference]
        if run.succeeded:
            second = without(self._take(), self.globs)
            found = compare(without(reference, self.globs), second, moments)
        else:
            found = _failed(run)
        new = [
            one
            for one in (replace(each, retried=retried) for each in found)
            if one.duplicate_tracking or (one.kind, one.name, one.field) not in known
        ]
        self.differences += blamed(new, watch.steps, self.globs)
        if new and not watch.complete:
            self.notes["Which tasks changed what was not looked at to the end: it took long."] = (
                None
            )


_HOW: Final = {SAME: "a second time", EVERY_TASK: "when it is retried", CLEAN: "from clean state"}


def _failed(run: DagOutcome) -> Iterator[StateDifference]:
    """Yield how a run failed that had succeeded at first."""
    how = _HOW[run.label]
    for task in run.failures:
        error = task.error
        why = f" ({error.type}: {_line(error.message)})" if error else ""
        message = f"it succeeds once and fails {how}{why}"
        yield StateDifference("run", task.label, message, tasks=(task.task_id,))
    if not run.failures:
        message = f"it succeeds once and ends as `{run.state}` {how}"
        yield StateDifference("run", run.dag_id, message)


def _line(text: str) -> str:
    line = " ".join(text.split()).replace("`", "'").rstrip(".")
    limit = 160
    return line if len(line) <= limit else f"{line[: limit - 1]}…"


def _held(found: Snapshot) -> str:
    numbers = {
        "object": len(found.objects),
        "table": len(found.tables),
        "MLflow run": len(found.runs),
        "model version": len(found.versions),
    }
    return ", ".join(counted(number, word) for word, number in numbers.items() if number)
