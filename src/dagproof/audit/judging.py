"""From findings to the ones that count: reading beside seeing, comments, settings, a baseline."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from dagproof.audit.request import AuditRequest
from dagproof.config import Settings
from dagproof.lint import LintRequest, lint
from dagproof.model import DagproofError, Finding, ImportTrace, Rule
from dagproof.rules import RULES
from dagproof.source.comments import MARK, Ignore, ignores
from dagproof.verdict import baseline, twins
from dagproof.verdict.inline import heed
from dagproof.verdict.known import Known
from dagproof.verdict.selection import settle

_READ_BESIDE: Final = tuple(f"DP{number}" for number in (*range(101, 111), 112))
"""What reading may have found of the same offences."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The findings that count, and sentences about the others."""

    findings: tuple[Finding, ...]
    notes: tuple[str, ...]


def judged(
    settings: Settings,
    request: AuditRequest,
    findings: Sequence[Finding],
    traces: Sequence[ImportTrace],
    rules: Sequence[Rule[Any]],
) -> Verdict:
    """Say which findings count.

    Args:
        settings: of the repository.
        request: what was asked.
        findings: all that the rules found.
        traces: what was seen.
        rules: those that were looked for.
    """
    texts = _texts(finding.span.path for finding in findings)
    excerpted = [replace(one, excerpt=_excerpt(one, texts)) for one in findings]
    merged = twins.merge(_read_beside(settings, excerpted, traces), excerpted)
    heeded = heed(
        merged, _comments(texts), rules=RULES, ran={rule.code for rule in rules}, judges=()
    )
    settled = settle(
        heeded,
        per_file_ignores=settings.per_file_ignores,
        severity=settings.severity,
        root=settings.root,
        rules=RULES,
    )
    known = Known(settings.root, request.baseline, settings.baseline)
    looked_at = {trace.path for trace in traces} | texts.keys()
    ran = {rule.code for rule in rules} | {
        code for one in settled for code in (one.code, *one.also)
    }
    if request.write_baseline:
        return Verdict((), (known.write(settled, looked_at, ran),))
    entries = known.entries()
    if entries is None:
        return Verdict(settled, ())
    held = baseline.hold_back(settled, entries, settings.root, looked_at=looked_at, ran=ran)
    return Verdict(held.new, held.notes)


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
    reading = replace(
        settings, per_file_ignores={}, severity={}, baseline=None, ignore=(), manifests=()
    )
    try:
        return lint(reading, LintRequest(paths=paths, select=_READ_BESIDE)).findings
    except DagproofError:
        return ()  # what cannot be read has been imported, and is told by what was seen


def _texts(paths: Iterable[str]) -> Mapping[str, str]:
    texts = {}
    for path in dict.fromkeys(paths):
        try:
            texts[path] = Path(path).read_text(encoding="utf-8", errors="replace")
        except OSError:
            texts[path] = ""
    return texts


def _excerpt(finding: Finding, texts: Mapping[str, str]) -> str:
    lines = texts[finding.span.path].split("\n")
    number = finding.span.line
    return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else ""


def _comments(texts: Mapping[str, str]) -> Mapping[str, Sequence[Ignore]]:
    return {path: ignores(text) for path, text in texts.items() if MARK.decode() in text}
