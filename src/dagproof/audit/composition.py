"""Composes the audit: files found, imported under watch, judged by the rules, a report out."""

import time

from dagproof.audit.airflow_install import check_airflow
from dagproof.audit.request import AuditRequest, OnFile, nobody
from dagproof.audit.seeing import see, show
from dagproof.config import Settings
from dagproof.model import Progress, Report, Unread


def audit(
    settings: Settings,
    request: AuditRequest,
    progress: Progress = nobody,
    on_file: OnFile = nobody,
) -> Report:
    """Import DAG files under watch and say what that did.

    Raises:
        UsageError: a path does not exist, a setting is wrong, or there is no such commit.
        UnavailableError: there is no DAG file, or no Airflow that could import it.
    """
    started = time.monotonic()
    check_airflow()
    seen = see(settings, request, progress, on_file, show)
    from dagproof.audit.against import Before, before
    from dagproof.audit.crossing import crossing
    from dagproof.audit.findings import found, looked_for, selected, unread
    from dagproof.audit.judging import judged

    past = before(settings, request, progress, seen) if request.against is not None else Before()
    rules = selected(settings, request)
    between = crossing(settings, request, seen)
    verdict = judged(
        settings,
        request,
        [
            *unread(seen.targets),
            *found(seen.traces, rules, settings.budgets, past.seconds),
            *between.findings,
        ],
        seen.traces,
        ran=looked_for((*between.rules, *rules), request),
        before=past.findings,
    )
    unreadable = seen.targets.shown_unread()
    return Report(
        findings=verdict.findings,
        rules=(*between.rules, *rules),
        files=len(seen.targets.files) + len(unreadable),
        errors=tuple(Unread(path, why) for path, why in unreadable),
        imports=seen.traces,
        notes=verdict.notes,
        held=verdict.held,
        seconds=time.monotonic() - started,
    )
