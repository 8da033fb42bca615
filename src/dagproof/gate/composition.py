"""Composes a gate: what has changed, what that affects, every kind of evidence of it, a verdict."""

import os
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

from dagproof.changes.base import compared as compared_with
from dagproof.config import Settings
from dagproof.gate import words
from dagproof.gate.judging import how_dags_differ
from dagproof.gate.merging import merged
from dagproof.gate.novelty import with_novelty
from dagproof.gate.past import Past, compared
from dagproof.gate.question import question
from dagproof.gate.request import STAGES, GateRequest
from dagproof.gate.selection import select
from dagproof.gate.stages import Done, OnStage, Stages
from dagproof.impact import impact as impact_of
from dagproof.lint.entries import show
from dagproof.model import Comparison, Impact, Progress, Report
from dagproof.reporters.bases import base


def gate(
    settings: Settings,
    request: GateRequest,
    environ: Mapping[str, str],
    progress: Progress,
    on_stage: OnStage,
) -> Report:
    """Look at all that a change affects, by every kind of evidence.

    Stages are processes: what ends one of them is told, and the others go on.

    Args:
        settings: of the repository.
        request: what was asked.
        environ: of this process, with what a CI service says.
        progress: told what is being done, from several threads.
        on_stage: told what came of each stage, from several threads.

    Raises:
        UsageError: a path or a setting is wrong, or there is no such commit.
        UnavailableError: there is no DAG file.
    """
    started = time.monotonic()
    comparison = compared_with(settings.root, request.base, environ)
    impact = _impact(settings, request, comparison)
    progress(words.looked_at(comparison, impact))
    selection = select(settings, impact, [one.path for one in comparison.files])
    files = {dag: os.path.abspath(one.path) for one in impact.affected for dag in one.dag_ids}  # noqa: PTH100 - resolve() follows links
    asked = question(comparison, selection, request)
    stages = Stages(settings, request, comparison, selection, asked, files, progress, on_stage)
    done = sorted(_carried_out(stages), key=lambda one: STAGES.index(one.stage.name))
    report = replace(
        merged(*_told(done)),
        stages=tuple(one.stage for one in done),
        comparison=comparison,
        impact=impact,
    )
    past = next((one.past for one in done if one.past is not None), None)
    if past is not None:
        past = _beside_today(past, stages, report, {one.stage.name: one.report for one in done})
        report = _with_diffs(report, past, _needless(stages))
    judged = with_novelty(report, past, settings.root, new_only=request.new_only)
    return replace(judged, comparison=_shown(comparison), seconds=time.monotonic() - started)


def _shown(comparison: Comparison) -> Comparison:
    """Return what was compared with paths as reports show them."""
    files = (
        replace(one, path=show(Path(one.path)), before=show(Path(one.before)) if one.before else "")
        for one in comparison.files
    )
    return replace(comparison, files=tuple(files))


def _carried_out(stages: Stages) -> list[Done]:
    """Have all stages done, on every core, and a run beside them: that one often waits."""
    with ThreadPoolExecutor(len(os.sched_getaffinity(0)) + 1, "gate") as threads:
        try:
            return [future.result() for future in [threads.submit(one) for one in stages.all()]]
        except BaseException:
            stages.stop()
            raise


def _told(done: Iterable[Done]) -> tuple[list[Report], list[str]]:
    """Return what was found, and by which stages."""
    told = [(one.report, one.stage.name) for one in done if one.report is not None]
    return [report for report, _ in told], [name for _, name in told]


def _beside_today(
    past: Past, stages: Stages, report: Report, reports: Mapping[str, Report | None]
) -> Past:
    """Return what was there at the base, and how what is there now differs from it."""
    audit = reports.get("audit")
    if audit is not None or stages.selection.nothing:
        past = compared(past, stages.settings, stages.question, audit.imports if audit else ())
    tried = stages.tried_before(report.findings)
    if tried is None:
        return past
    findings, evidence = (*past.findings, *tried.findings), past.evidence | tried.evidence
    return replace(past, findings=findings, evidence=evidence)


def _needless(stages: Stages) -> str:
    """Return why no DAGs are compared; nothing where some are."""
    return words.nothing_affected(stages.selection) if stages.question.paths == () else ""


def _with_diffs(report: Report, past: Past, needless: str) -> Report:
    more = Report(findings=past.grown, rules=past.rules, notes=past.notes)
    whole = merged([report, more])
    told = replace(
        report,
        findings=whole.findings,
        rules=whole.rules,
        notes=whole.notes,
        diffs=past.diffs,
    )
    stages = (
        replace(one, note=needless or how_dags_differ(told)) if one.name == "diff" else one
        for one in report.stages
    )
    return replace(told, stages=tuple(stages))


def _impact(settings: Settings, request: GateRequest, comparison: Comparison) -> Impact:
    asked = comparison
    if request.everything:
        asked = replace(comparison, unknown="`--all` was asked for.")
    elif not comparison.unknown and not comparison.files and request.base is None:
        nothing = f"Nothing differs from {base(comparison)}."
        asked = replace(comparison, unknown=nothing)
    return impact_of(settings, asked)
