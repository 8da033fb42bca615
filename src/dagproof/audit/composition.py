"""Composes the audit: files found, imported under watch, judged by the rules, a report out.

Airflow begins to load in its own process before anything else is done, and what is not needed for
that is imported meanwhile.
"""

import gc
import os
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from dagproof.airflow_compat.home import scratch_home
from dagproof.audit.airflow_install import check_airflow
from dagproof.audit.environment import import_environment
from dagproof.audit.request import AuditRequest, OnFile, nobody
from dagproof.config import Settings
from dagproof.import_audit import Watchers, Watching
from dagproof.model import ImportTrace, Progress, Report, Unread

if TYPE_CHECKING:
    from dagproof.audit.targets import Targets


def audit(
    settings: Settings,
    request: AuditRequest,
    progress: Progress = nobody,
    on_file: OnFile = nobody,
) -> Report:
    """Import DAG files under watch and say what that did.

    Raises:
        UsageError: a path does not exist, or a setting is wrong.
        UnavailableError: there is no DAG file, or no Airflow that could import it.
    """
    started = time.monotonic()
    check_airflow()
    with ExitStack() as stack:
        scratch = stack.enter_context(scratch_home()).resolve()
        progress("Airflow is imported, in a process of its own")
        watchers = stack.enter_context(Watchers(_watching(settings, request, scratch)))
        from dagproof.audit.findings import found, selected, unread
        from dagproof.audit.targets import find_targets

        rules = selected(settings, request)
        targets = find_targets(settings, request.paths, twice=request.twice)
        traces = _traces(watchers, targets, progress, on_file)
    from dagproof.audit.judging import judged

    findings = [*unread(targets), *found(traces, rules, settings.budgets.import_seconds)]
    verdict = judged(settings, request, findings, traces, rules)
    return Report(
        findings=verdict.findings,
        rules=rules,
        files=len(targets.files) + len(targets.unread),
        errors=tuple(Unread(path, why) for path, why in targets.shown_unread()),
        imports=traces,
        notes=verdict.notes,
        seconds=time.monotonic() - started,
    )


def _traces(
    watchers: Watchers, targets: "Targets", progress: Progress, on_file: OnFile
) -> tuple[ImportTrace, ...]:
    from dagproof.audit.duplicates import with_duplicates
    from dagproof.audit.targets import is_dropped

    files = (*targets.files, *targets.dropped)
    dropped = targets.shown_dropped()
    gc.freeze()
    found: list[ImportTrace] = [*targets.ignored]
    for number, trace in enumerate(
        watchers.traces(
            files, targets.modules, lambda: progress(f"{len(files)} files are imported")
        ),
        start=1,
    ):
        on_file(number, len(files), trace.path)
        kept = is_dropped(trace) if trace.path in dropped else trace
        if kept is not None:
            found.append(kept)
    return with_duplicates(sorted(found, key=lambda trace: trace.path))


def _watching(settings: Settings, request: AuditRequest, scratch: Path) -> Watching:
    home, files = scratch / "home", scratch / "files"
    for folder in (home, files):
        folder.mkdir()
    environ, bytecode = import_environment(settings, home, files)
    plugins = [settings.plugins] if settings.plugins else []
    named = [path.resolve().parent if path.is_file() else path.resolve() for path in request.paths]
    roots = [settings.root, *settings.dags, *plugins, *settings.pythonpath, *named]
    return Watching(
        roots=list(dict.fromkeys(map(str, roots))),
        paths=[str(folder) for folder in (*plugins, *settings.pythonpath)],
        environ=environ,
        scratch=scratch,
        home=home,
        directory=os.getcwd(),  # noqa: PTH109 - as text
        show=_show,
        bytecode=bytecode,
        allow=(*settings.allow, *request.allow),
        timeout=request.timeout or settings.budgets.import_timeout,
        memory=int(settings.budgets.import_memory * 2**20),
    )


def _show(path: Path) -> str:
    from dagproof.lint.entries import show

    return show(path)
