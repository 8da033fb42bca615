"""Composes contracts: files found and imported, promises tried, judged by the rules, a report."""

import time
from contextlib import ExitStack
from dataclasses import asdict
from typing import Final

from dagproof.airflow_compat.home import scratch_home
from dagproof.audit.airflow_install import check_airflow
from dagproof.audit.request import OnFile, nobody
from dagproof.audit.seeing import show, watching
from dagproof.audit.targets import Targets, find_targets
from dagproof.config import Settings
from dagproof.contracts.options import Options
from dagproof.import_audit.client import Watchers
from dagproof.import_audit.orders import Explorer
from dagproof.import_audit.places import Sources
from dagproof.model import ContractTrace, Progress, Report, Unread, UsageError
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
        UnavailableError: there is no DAG file, or no Airflow that could import it.
    """
    started = time.monotonic()
    check_airflow()
    rules = selected(settings, request)
    targets, traces = _tried(settings, request, progress, on_file)
    _check_named(request, traces)
    verdict = judged(
        settings,
        request,
        found(traces, rules),
        {trace.path for trace in traces},
        {rule.code for rule in rules},
    )
    unread = [*targets.shown_unread(), *((one.path, one.failure) for one in traces if one.failure)]
    return Report(
        findings=verdict.findings,
        rules=rules,
        files=len(targets.files),
        errors=tuple(Unread(path, why) for path, why in unread),
        contracts=traces,
        notes=verdict.notes,
        seconds=time.monotonic() - started,
    )


def _tried(
    settings: Settings, request: ContractsRequest, progress: Progress, on_file: OnFile
) -> tuple[Targets, tuple[ContractTrace, ...]]:
    explorer = Explorer(_EXPLORE, asdict(_options(settings, request)), _SECONDS)
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_home()).resolve()
        progress("Airflow is imported, in a process of its own")
        watchers = stack.enter_context(
            Watchers(watching(settings, request, scratch, show, explorer))
        )
        targets = find_targets(settings, request.paths, watchers.listed, twice=False)
        sources, literals = Sources(show), Literals()
        traces = []
        for number, exploration in enumerate(
            watchers.explorations(
                targets.files,
                (*targets.modules, *_MODULES),
                lambda: progress(f"{count(len(targets.files), 'file')} to try"),
            ),
            start=1,
        ):
            traces.append(contract_trace(exploration, sources, literals))
            on_file(number, len(targets.files), traces[-1].path)
    return targets, tuple(sorted(traces, key=lambda trace: trace.path))


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


def _check_named(request: ContractsRequest, traces: tuple[ContractTrace, ...]) -> None:
    """Refuse a DAG that no file has."""
    known = sorted({dag_id for trace in traces for dag_id in trace.dag_ids})
    if request.dag_id and request.dag_id not in known:
        listed = ", ".join(f"`{one}`" for one in known) or "none"
        raise UsageError(f"There is no DAG `{request.dag_id}`. The DAGs that import: {listed}.")
