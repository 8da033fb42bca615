"""Sees which MLflow runs begin in which attempt of a task, by asking the server in between.

It is asked for what is new when an attempt has ended, in another thread, while Airflow writes down
how; the next attempt does not begin before the answer. So every run is seen that begins by whatever
client and in whatever experiment, and is nested, is left open or is deleted by the task.
"""

import contextlib
import os
import threading
import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any, Final

from dagproof.model import Attempt, BegunRun, DagOutcome, Environment, SeenRuns, TaskOutcome
from dagproof.services import mlflow_api
from dagproof.services.addresses import TRACKING_URI
from dagproof.services.mlflow_api import Api, ApiError

_EXCLUDED: Final = 200
"""So many known runs are left out of a question; where there are more, it is for recent ones."""
_RECENT: Final = 5000  # milliseconds before the last question
_PAGE: Final = 1000
_PATIENCE: Final = 5.0  # seconds


class RunWatch:
    """Stands around the attempts of one run of a DAG; that MLflow does not answer is no error.

    Args:
        environment: of the services; where MLflow is not among them, nothing is asked.
    """

    def __init__(self, environment: Environment) -> None:
        there = environment.get(TRACKING_URI, "").startswith(("http://", "https://"))
        api = mlflow_api.api(environment, os.environ)
        self._server = _Server(replace(api, timeout=_PATIENCE)) if there else None
        self._begun: list[BegunRun] = []
        self._unseen: list[Attempt] = []
        self._look: _Look | None = None
        self._sighted = False  # whether every run is known that began before the last look

    def begin(self) -> None:
        """Look at what is there before the first attempt."""
        if self._server is not None:
            self._look = _Look(self._server)

    @contextlib.contextmanager
    def companion(self, attempt: Attempt) -> Iterator[None]:
        """Stand around an attempt, as `RunOptions.companions` wants it."""
        if self._server is None:
            yield
            return
        self._settle()
        if not self._sighted:  # it may be back
            self._sighted = _Look(self._server).found() is not None
        window = _Window(attempt, self._server.asked, _now(), self._sighted)
        try:
            yield
        finally:
            self._look = _Look(self._server, replace(window, ended=_now()))

    def told(self, outcome: DagOutcome) -> DagOutcome:
        """Return the outcome of the run with what was seen, when the run is over."""
        if self._server is None:
            return outcome
        self._settle()
        if self._sighted:
            self._begun += [run.begun(None) for run in _Look(self._server).found() or ()]
        still_open = self._server.still_open() if self._begun else frozenset()
        seen = SeenRuns(tuple(self._begun), tuple(self._unseen))
        tasks = tuple(_with_runs(task, seen, still_open) for task in outcome.tasks)
        return replace(outcome, tasks=tasks, seen_runs=seen)

    def _settle(self) -> None:
        """Wait for the look that is under way, and write down what it saw."""
        look, self._look = self._look, None
        if look is None:
            return
        found = look.found()
        self._sighted = found is not None
        if look.window is None:
            return
        if found is None or not look.window.sighted:
            self._unseen.append(look.window.attempt)
            return
        self._begun += [run.begun(look.window.owner(run, look.answered)) for run in found]


@dataclass(frozen=True, slots=True)
class _Run:
    """A run as it is found; `start` is what its client says, in milliseconds since 1970."""

    run_id: str
    start: int
    parent: str

    def begun(self, attempt: Attempt | None) -> BegunRun:
        return BegunRun(self.run_id, attempt, self.parent)


@dataclass(frozen=True, slots=True)
class _Window:
    """When an attempt began and ended, and when MLflow was asked before it, and whether it was."""

    attempt: Attempt
    asked: int
    began: int
    sighted: bool
    ended: int = 0

    def owner(self, run: _Run, answered: int) -> Attempt | None:
        """Return the attempt, unless the run began between the questions, but outside of it.

        A start that is in no such gap is one that the task has made up.
        """
        outside = self.asked <= run.start < self.began or self.ended < run.start <= answered
        return None if outside else self.attempt


class _Look:
    """A question in a thread of its own; `answered` is when the answer came."""

    def __init__(self, server: "_Server", window: _Window | None = None) -> None:
        self.window = window
        self.answered = 0
        self._server = server
        self._found: list[_Run] | None = None
        self._defect: Exception | None = None
        self._thread = threading.Thread(target=self._ask, daemon=True, name="mlflow-runs")
        self._thread.start()

    def found(self) -> list[_Run] | None:
        """Wait for the answer; None where there is none."""
        self._thread.join()
        if self._defect is not None:
            raise self._defect
        return self._found

    def _ask(self) -> None:
        try:
            self._found = self._server.new_runs()
            self.answered = _now()
        except OSError:  # it does not answer, or not with what was asked for
            pass
        except Exception as defect:  # noqa: BLE001 - it is raised where the answer is waited for
            self._defect = defect


class _Server:
    """Asks MLflow for the runs that are not known yet.

    Attributes:
        asked: when it was asked last and answered, in milliseconds since 1970.
    """

    def __init__(self, api: Api) -> None:
        self.asked = 0
        self._api = api
        self._known: set[str] = set()
        self._by_time = False

    def new_runs(self) -> list[_Run]:
        """Return them, the earliest first.

        Raises:
            OSError: MLflow does not answer.
        """
        now = _now()
        since = (self.asked or now) - _RECENT
        experiments = self._experiments()
        if self.asked == 0:
            few = self._search(experiments, "", _EXCLUDED + 1, first_page=True)
            self._by_time = len(few) > _EXCLUDED
            found = [*few, *self._recent(experiments, since)] if self._by_time else few
        elif self._by_time or len(self._known) > _EXCLUDED:
            found = self._recent(experiments, since)
        else:
            found = self._unknown(experiments, since)
        new = {run.run_id: run for run in found if run.run_id not in self._known}
        self._known |= new.keys()
        self.asked = now
        return sorted(new.values(), key=lambda run: run.start)

    def still_open(self) -> frozenset[str]:
        """Return the ids of all runs that have not ended; none where MLflow does not answer."""
        try:
            running = "attributes.status = 'RUNNING'"
            found = self._search(self._experiments(), running, _PAGE, view="ACTIVE_ONLY")
        except OSError:
            return frozenset()
        return frozenset(run.run_id for run in found)

    def _experiments(self) -> list[str]:
        search = {"max_results": _PAGE, "view_type": "ALL"}
        found = mlflow_api.pages(self._api, "experiments/search", "experiments", search)
        return [one["experiment_id"] for one in found]

    def _unknown(self, experiments: list[str], since: int) -> list[_Run]:
        names = ", ".join(f"'{run_id}'" for run_id in sorted(self._known))
        others = f"attributes.run_id NOT IN ({names})" if names else ""
        try:
            return self._search(experiments, others, _PAGE)
        except ApiError as error:
            if error.status != HTTPStatus.BAD_REQUEST:
                raise
            self._by_time = True  # not every store can leave out by name
            return self._recent(experiments, since)

    def _recent(self, experiments: list[str], since: int) -> list[_Run]:
        return self._search(experiments, f"attributes.start_time >= {since}", _PAGE)

    def _search(
        self,
        experiments: list[str],
        chosen: str,
        size: int,
        *,
        view: str = "ALL",
        first_page: bool = False,
    ) -> list[_Run]:
        if not experiments:
            return []
        body = {
            "experiment_ids": experiments,
            "filter": chosen,
            "run_view_type": view,
            "max_results": size,
        }
        if first_page:
            found = mlflow_api.ask(self._api, "runs/search", body).get("runs", [])
        else:
            found = list(mlflow_api.pages(self._api, "runs/search", "runs", body))
        return [_run(one) for one in found]


def _run(found: dict[str, Any]) -> _Run:
    info, tags = found["info"], found.get("data", {}).get("tags", [])
    parents = [tag["value"] for tag in tags if tag["key"] == "mlflow.parentRunId"]
    return _Run(info["run_id"], int(info.get("start_time", 0)), parents[0] if parents else "")


def _with_runs(task: TaskOutcome, seen: SeenRuns, still_open: Collection[str]) -> TaskOutcome:
    own = {
        run.run_id: run
        for run in seen.begun
        if run.attempt
        and (run.attempt.task_id, run.attempt.map_index) == (task.task_id, task.map_index)
    }
    if not own:
        return task
    return replace(
        task,
        mlflow_runs=tuple(run.run_id for run in own.values() if run.parent not in own),
        open_mlflow_runs=tuple(run_id for run_id in own if run_id in still_open),
    )


def _now() -> int:
    return time.time_ns() // 1_000_000
