"""Composes contracts: files found and imported, promises tried, judged by the rules, a report."""

import time
from collections.abc import Collection, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from importlib.util import find_spec
from typing import Final

from dagproof.airflow_compat.home import scratch_home
from dagproof.airflow_compat.xcom_storage import storage_environment
from dagproof.audit.airflow_install import check_airflow
from dagproof.audit.request import OnFile, nobody
from dagproof.audit.seeing import show, watching
from dagproof.audit.targets import Targets, find_targets
from dagproof.config import Settings
from dagproof.contracts.options import Options
from dagproof.import_audit.client import Watchers
from dagproof.import_audit.orders import Explorer
from dagproof.import_audit.places import Sources
from dagproof.model import ContractTrace, Progress, Report, UnavailableError, Unread, UsageError
from dagproof.proving.judging import found, judged, selected
from dagproof.proving.literals import Literals
from dagproof.proving.request import ContractsRequest
from dagproof.proving.tracing import contract_trace
from dagproof.reporters.words import count

_EXPLORE: Final = "dagproof.contracts.exploring.explore"
_MODULES: Final = ("dagproof.contracts.exploring",)
_SECONDS: Final = 300.0
"""Wall-clock seconds that the promises of one file may take to be tried."""


def prove(
    settings: Settings,
    request: ContractsRequest,
    progress: Progress = nobody,
    on_file: OnFile = nobody,
) -> Report:
    """Try what DAGs promise: their Params, their templates, their callables, their XComs.

    Raises:
        UsageError: a path, a DAG or a task does not exist, or a setting is wrong.
        UnavailableError: there is no DAG file, no Airflow that could import it, or no Hypothesis.
    """
    started = time.monotonic()
    _check_whole(request)
    check_airflow()
    _check_hypothesis()
    rules = selected(settings, request)
    targets, traces, tasks = _tried(settings, request, progress, on_file)
    _check_named(request, traces, tasks)
    if request.dag_id:
        traces = tuple(_of_dag(trace, request.dag_id) for trace in traces)
    unread = tuple(
        Unread(path, why)
        for path, why in (
            *targets.shown_unread(),
            *((one.path, one.failure) for one in traces if one.failure),
        )
    )
    verdict = judged(
        settings,
        request,
        found(traces, rules),
        {trace.path for trace in traces},
        {rule.code for rule in rules},
    )
    return Report(
        findings=verdict.findings,
        rules=rules,
        files=len(targets.files),
        errors=unread,
        contracts=traces,
        notes=verdict.notes,
        held=verdict.held,
        seconds=time.monotonic() - started,
    )


def _tried(
    settings: Settings, request: ContractsRequest, progress: Progress, on_file: OnFile
) -> tuple[Targets, tuple[ContractTrace, ...], set[tuple[str, str]]]:
    """Return the files, what was tried of them, and the tasks that they make."""
    explorer = Explorer(_EXPLORE, asdict(_options(settings, request)), _SECONDS)
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_home()).resolve()
        progress("Airflow is imported, in a process of its own")
        watched = watching(settings, request, scratch, show, explorer)
        storage = storage_environment(scratch / "files" / "xcoms")
        watched = replace(watched, environ={**watched.environ, **storage})
        watchers = stack.enter_context(Watchers(watched))
        targets = find_targets(settings, request.paths, watchers.listed, twice=False)
        sources, literals = Sources(show), Literals()
        traces: list[ContractTrace] = []
        tasks: set[tuple[str, str]] = set()
        for number, exploration in enumerate(
            watchers.explorations(
                targets.files,
                (*targets.modules, *_MODULES),
                lambda: progress(f"{count(len(targets.files), 'file')} to try"),
            ),
            start=1,
        ):
            traces.append(contract_trace(exploration, sources, literals))
            tasks |= exploration.tasks.keys()
            on_file(number, len(targets.files), traces[-1].path)
    return targets, tuple(sorted(traces, key=lambda trace: trace.path)), tasks


def _options(settings: Settings, request: ContractsRequest) -> Options:
    return Options(
        examples=request.examples,
        seed=request.seed,
        dag_id=request.dag_id,
        task_id=request.task_id,
        conf=request.conf,
        pure=settings.pure,
        xcoms=settings.xcoms,
        stored=int(settings.budgets.xcom_size * 1024),
    )


def _check_hypothesis() -> None:
    """Refuse to go on where no examples can be made."""
    if find_spec("hypothesis") is None:
        raise UnavailableError(
            "Hypothesis is not installed. Install it by `pip install 'dagproof[contracts]'`."
        )


def _check_whole(request: ContractsRequest) -> None:
    """Refuse to write down as all that is known what is only a part of it."""
    if request.write_baseline and request.is_narrow:
        raise UsageError(
            "`--write-baseline` writes down what all DAGs break. Leave out `--dag`, `--task` and "
            "`--conf`."
        )


def _check_named(
    request: ContractsRequest,
    traces: Sequence[ContractTrace],
    tasks: Collection[tuple[str, str]],
) -> None:
    """Refuse a DAG or a task that no file has."""
    known = sorted({dag_id for trace in traces for dag_id in trace.dag_ids})
    if request.dag_id and request.dag_id not in known:
        raise UsageError(
            f"There is no DAG `{request.dag_id}`. The DAGs that import: {_listed(known)}."
        )
    theirs = sorted({task for dag_id, task in tasks if request.dag_id in {"", dag_id}})
    if request.task_id and request.task_id not in theirs:
        where = f"DAG `{request.dag_id}`" if request.dag_id else "any DAG"
        raise UsageError(
            f"There is no task `{request.task_id}` in {where}. The tasks: {_listed(theirs)}."
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(f"`{one}`" for one in names) or "none"


def _of_dag(trace: ContractTrace, dag_id: str) -> ContractTrace:
    """Return what was tried of one DAG alone."""
    return replace(trace, dag_ids=tuple(one for one in trace.dag_ids if one == dag_id))
