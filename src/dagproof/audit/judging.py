"""From findings to the ones that count: reading beside seeing, comments, settings, a baseline."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from dagproof.audit.request import AuditRequest
from dagproof.config import Settings
from dagproof.lint import LintRequest, lint
from dagproof.model import DagproofError, Finding, ImportTrace
from dagproof.reporters.words import count
from dagproof.rules import RULES
from dagproof.source.comments import MARK, Ignore, ignores
from dagproof.verdict import baseline, twins
from dagproof.verdict.inline import heed
from dagproof.verdict.known import Known
from dagproof.verdict.selection import settle
from dagproof.verdict.words import names

_READ_BESIDE: Final = tuple(f"DP{number}" for number in range(101, 114))
"""What reading may have found of the same offences."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings that count, and sentences about the others."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]
    held: int = 0


def judged(
    settings: Settings,
    request: AuditRequest,
    findings: Sequence[Finding],
    traces: Sequence[ImportTrace],
    *,
    ran: Collection[str],
    before: Sequence[Finding] = (),
) -> Verdict:
    """Say which findings count.

    Args:
        settings: of the repository.
        request: what was asked.
        findings: all that the rules found.
        traces: what was seen.
        ran: codes of the rules that were looked for.
        before: what the rules find in the commit that this is compared with, by the same paths.
    """
    comments = comments_in({one.span.path for one in findings})
    heeded = heed(with_excerpts(findings, Path), comments, rules=RULES, ran=ran, judges=())
    seen = _settled(settings, heeded)
    known = Known(settings.root, request.baseline, settings.baseline)
    looked_at = {trace.path for trace in traces} | {one.span.path for one in findings}
    if not request.paths:  # what the files import was looked at as well
        looked_at |= {str(settings.root / entry.path) for entry in known.there()}
    if request.write_baseline:
        return Verdict((), (known.write(seen, looked_at, ran),))
    notes = []
    if before:
        entries = baseline.entries(before, settings.root)
        new = baseline.hold_back(seen, entries, settings.root, looked_at=(), ran=()).new
        notes.append(f"{count(len(seen) - len(new), 'finding')} there before, at the commit.")
        seen = new
    entries = known.entries() or ()
    held = baseline.hold_back(seen, entries, settings.root, looked_at=looked_at, ran=ran)
    read = _read_beside(settings, held.new, traces)
    counting = [one for one in _settled(settings, read) if not _ignored(settings, request, one)]
    silenced = [one for one in read if not any(_same(one, other) for other in counting)]
    merged = twins.merge(counting, held.new, silenced=silenced)
    # What is known because it was read is known.
    others = [entry for entry in entries if entry.code not in ran]
    left = baseline.hold_back(merged, others, settings.root, looked_at=(), ran=())
    held = replace(held, held=held.held + left.held)
    return Verdict(left.new, (*notes, *held.notes(known.option)), held.held)


def _settled(settings: Settings, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    return settle(
        findings,
        per_file_ignores=settings.per_file_ignores,
        severity=settings.severity,
        root=settings.root,
        rules=RULES,
    )


def _same(one: Finding, other: Finding) -> bool:
    return (one.code, one.span) == (other.code, other.span)


def _ignored(settings: Settings, request: AuditRequest, finding: Finding) -> bool:
    """Say whether somebody does not want to hear of what reading finds, by its own code."""
    words = (*request.ignore, *(() if request.select else settings.ignore))
    return any(names(word, finding.code, finding.slug) for word in words)


def _read_beside(
    settings: Settings, findings: Sequence[Finding], traces: Sequence[ImportTrace]
) -> Sequence[Finding]:
    """Return what reading finds in the DAG files of which something was seen."""
    twin_codes = {f"DP2{code[3:]}" for code in _READ_BESIDE} | {"DP223"}
    if not any(finding.code in twin_codes for finding in findings):
        return ()
    paths = [
        Path(trace.path)
        for trace in traces
        if (trace.effects or trace.modules) and Path(trace.path).suffix == ".py"
    ]
    if not paths:
        return ()
    reading = replace(settings, per_file_ignores={}, severity={}, baseline=None, manifests=())
    try:
        return lint(reading, LintRequest(paths=paths, select=_READ_BESIDE)).findings
    except DagproofError:
        return ()  # what cannot be read has been imported, and is told by what was seen


def with_excerpts(findings: Iterable[Finding], file: Callable[[str], Path]) -> tuple[Finding, ...]:
    """Give findings the source lines that they begin on.

    Args:
        findings: with paths as they are shown.
        file: returns where a path lies.
    """
    lines: dict[str, list[str]] = {}
    told = []
    for finding in findings:
        path, number = finding.span.path, finding.span.line
        if path not in lines:
            lines[path] = _text(file(path)).split("\n")
        here = lines[path]
        excerpt = here[number - 1] if 0 < number <= len(here) else ""
        told.append(replace(finding, excerpt=excerpt))
    return tuple(told)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def comments_in(paths: Iterable[str]) -> Mapping[str, Sequence[Ignore]]:
    """Return the ignore comments of files, by path."""
    texts = {path: _text(Path(path)) for path in paths}
    return {path: ignores(text) for path, text in texts.items() if MARK.decode() in text}
