"""Composes the rooms into what a user asks for: the only room that does."""

import contextlib
import functools
import os
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from unittest import mock

from dagproof import services
from dagproof.airflow_compat import database
from dagproof.airflow_compat.environment import airflow_environment
from dagproof.airflow_compat.execution_api import warm_up
from dagproof.airflow_compat.home import scratch_home
from dagproof.airflow_compat.logs import noise_hidden
from dagproof.config import ConfiguredRun, Settings
from dagproof.contracts.records import recorder
from dagproof.model import DagOutcome, Environment, Fault, Progress, Report, UsageError
from dagproof.runner import (
    RunOptions,
    check_faults,
    check_path,
    check_question,
    find_dag,
    find_targets,
    in_force,
    run_dag,
    run_dag_among,
)
from dagproof.service_choice import chosen_source, fenced, wanted_services
from dagproof.services.addresses import REGISTRY_URI, TRACKING_URI
from dagproof.services.background import meanwhile

_QUIET_MLFLOW: Final = {
    "GIT_PYTHON_REFRESH": "quiet",
    "MLFLOW_LOGGING_LEVEL": "WARNING",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",  # they are gone when the run is over
}

OnDag = Callable[[str], None]
"""Told the DAG id as its run begins."""

OnRun = Callable[[DagOutcome], None]
"""Told how a run ended."""


@dataclass(frozen=True, slots=True)
class Session:
    """Services, a scratch Airflow home and an environment, for as long as it is open.

    Attributes:
        settings: of the repository.
        environment: what the services gave, overlaid by the repository's own `env`.
        home: the scratch `AIRFLOW_HOME`.
        tenancy: the hold on the services.
        ready: returns when every service answers, and raises what kept one from it.
        progress: told what is being done.
        verbose: whether Airflow's own log lines are shown.
    """

    settings: Settings
    environment: Environment
    home: Path
    tenancy: services.Tenancy
    ready: Callable[[], None]
    progress: Progress = services.silent
    verbose: bool = False

    def reset(self) -> None:
        """Bring metadata database, MLflow and S3 back to their clean state."""
        self.ready()
        database.release_database()
        self.tenancy.reset()
        database.use_configured_database()

    def run(
        self,
        dag: str,
        options: RunOptions,
        env: Mapping[str, str] | None = None,
        faults: Sequence[Fault] = (),
    ) -> DagOutcome:
        """Run one DAG, given by id or by file.

        Args:
            dag: a DAG id, or the path of a DAG file.
            options: how to run it.
            env: environment variables for this run alone.
            faults: what happens to the services meanwhile.

        Raises:
            UsageError: no such DAG, it refuses the conf, or a fault cannot be.
            BrokenDagError: its file does not import.
            UnavailableError: a service does not answer.
        """
        first = "airflow" not in sys.modules
        hush = contextlib.nullcontext() if self.verbose else noise_hidden()
        with mock.patch.dict(os.environ, env or {}), hush, contextlib.ExitStack() as stack:
            run: Callable[..., DagOutcome] = run_dag
            there = {**self.environment, **(env or {})}
            if TRACKING_URI in there:
                stack.enter_context(fenced(self.settings, dict(os.environ)))
            if faults:
                board = stack.enter_context(services.faulty(there, faults))
                stack.enter_context(in_force(board))
                run = functools.partial(run_dag_among, board)
            found = find_dag(dag, self.settings.dags)
            check_question(found, options)
            check_faults(found, faults)
            if first:
                self.progress("Airflow is imported; its execution API starts")
            warm_up()
            self.ready()
            examine = options.examine or recorder(int(self.settings.budgets.xcom_size * 1024))
            watch = services.RunWatch(self.tenancy.environment)
            watch.begin()
            around = (watch.companion, *options.companions)
            targets = find_targets(found, self.settings.dags)
            options = replace(options, examine=examine, companions=around, targets=targets)
            return watch.told(run(found, _own_code(self.settings, found), options))


@dataclass(frozen=True, slots=True)
class RunRequest:
    """What `dagproof run` was asked.

    Attributes:
        dags: ids or files; empty for the runs that the repository configures.
        conf: for every DAG named.
        options: how to run; its `conf` is not looked at.
        env: environment variables that win over services and settings.
        fresh: start from clean services even where a warm set stands ready.
        verbose: whether tasks' log lines are shown.
        backend: what stands behind the services, where that was asked for.
        faults: what happens to the services in each run.
    """

    dags: Sequence[str] = ()
    conf: Mapping[str, object] | None = None
    options: RunOptions = field(default_factory=RunOptions)
    env: Mapping[str, str] = field(default_factory=dict)
    fresh: bool = False
    verbose: bool = False
    backend: str | None = None
    faults: Sequence[Fault] = ()


def run(
    settings: Settings,
    request: RunRequest,
    progress: Progress = services.silent,
    on_dag: OnDag = services.silent,
    on_run: OnRun = lambda _: None,
) -> Report:
    """Run the DAGs of a request one after the other among the same services.

    Raises:
        DagproofError: of any kind; its `exit_code` says which.
    """
    started = time.monotonic()
    outcomes = []
    entries = planned(settings, request)
    for entry in entries:
        check_path(entry.dag)
    with open_session(
        settings,
        progress=progress,
        env=request.env,
        fresh=request.fresh,
        verbose=request.verbose,
        backend=request.backend,
    ) as session:
        opened = time.monotonic()
        for entry in entries:
            on_dag(entry.dag)
            options = options_of(entry, request)
            outcomes.append(session.run(entry.dag, options, request.env, request.faults))
            on_run(outcomes[-1])
        ran = time.monotonic()
        held = services.tracking(session.tenancy.environment)
    return Report(
        runs=tuple(outcomes),
        tracking=held,
        seconds=time.monotonic() - started,
        timings={"open": opened - started, "runs": ran - opened},
    )


@contextlib.contextmanager
def open_session(
    settings: Settings,
    *,
    progress: Progress = services.silent,
    env: Mapping[str, str] | None = None,
    home: Path | None = None,
    fresh: bool = False,
    verbose: bool = False,
    backend: str | None = None,
) -> Iterator[Session]:
    """Start what runs need and set the environment; undo both on leaving.

    Airflow is not imported here: the services warm up while the caller does that.

    Args:
        settings: of the repository.
        progress: told what is being done.
        env: environment variables that win over services and settings.
        home: an `AIRFLOW_HOME` that exists already and outlives the session.
        fresh: start from clean services even where a warm set stands ready.
        verbose: whether tasks' log lines are shown.
        backend: what stands behind the services, where that was asked for.

    Raises:
        UsageError: the repository has no dags folder.
        UnavailableError: a service cannot be started, or its package is not installed.
    """
    if not any(folder.is_dir() for folder in settings.dags):
        raise UsageError(settings.without_dags(settings.dags))
    with contextlib.ExitStack() as stack:
        home = home or stack.enter_context(scratch_home())
        source = chosen_source(settings, backend)
        wanted = wanted_services(settings, source, progress)
        tenancy = stack.enter_context(source.tenancy(wanted, progress=progress, fresh=fresh))
        chosen = {**_QUIET_MLFLOW, **tenancy.environment, **settings.env, **(env or {})}
        unused = [
            name
            for name in sorted(tenancy.environment.keys() & os.environ.keys() - (env or {}).keys())
            # The services add themselves to the hosts that your NO_PROXY names.
            if name.upper() != "NO_PROXY" and os.environ[name] != chosen[name]
        ]
        registry = TRACKING_URI in chosen and REGISTRY_URI in os.environ.keys() - chosen.keys()
        unused += [REGISTRY_URI] * registry
        if unused:
            names = ", ".join(unused)
            progress(f"Of your shell is not used: {names}; `--env NAME=VALUE` passes one on")
        ready = meanwhile(tenancy.wait)
        progress("Airflow is imported while the services start")
        airflow = airflow_environment(home, settings.dags[0], settings.plugins, verbose=verbose)
        stack.enter_context(mock.patch.dict(os.environ, {**chosen, **airflow}))
        if registry:  # it wins over the address that the run gives
            del os.environ[REGISTRY_URI]
        make_importable(settings)
        database.use_configured_database()
        stack.callback(database.release_database)
        yield Session(settings, chosen, home, tenancy, ready, progress, verbose)


def make_importable(settings: Settings) -> None:
    """Put on `sys.path`, for good, what Airflow and the repository's settings put there."""
    for folder in (settings.plugins, *settings.pythonpath):
        if folder is not None and str(folder) not in sys.path:
            sys.path.append(str(folder))


def planned(settings: Settings, request: RunRequest) -> tuple[ConfiguredRun, ...]:
    """Return the DAGs to run, with their confs: those that were named, else the configured ones.

    Raises:
        UsageError: there are none, or a conf without a DAG.
    """
    if request.dags:
        return tuple(ConfiguredRun(dag, request.conf or {}) for dag in request.dags)
    if request.conf is not None:
        raise UsageError("`--conf` needs a DAG to give it to: `dagproof run DAG --conf JSON`.")
    if not settings.runs:
        raise UsageError(
            "Name a DAG to run, or list runs as [[tool.dagproof.runs]] in pyproject.toml."
        )
    return settings.runs


def options_of(entry: ConfiguredRun, request: RunRequest) -> RunOptions:
    """Return how to run one of the DAGs of a request; a stub that was asked for wins."""
    stubs = {**entry.stubs, **request.options.stubs}
    return replace(request.options, conf=entry.conf, stubs=stubs)


def _own_code(settings: Settings, dag: Any) -> list[Path]:
    beside = Path(dag.fileloc).parent
    return [*settings.dags, *([settings.plugins] if settings.plugins else []), beside]
