"""What the rules find in what was tried, and which of it counts."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from dagproof.audit.findings import selected as rules_selected
from dagproof.audit.judging import Verdict, comments_in, with_excerpts
from dagproof.config import Settings
from dagproof.model import ContractTrace, Finding, Rule
from dagproof.proving.beside import with_read
from dagproof.proving.request import ContractsRequest
from dagproof.rules import CONTRACTS, RULES
from dagproof.rules.contracted import Contracted
from dagproof.verdict import baseline
from dagproof.verdict.inline import heed
from dagproof.verdict.known import Known
from dagproof.verdict.selection import settle


def selected(settings: Settings, request: ContractsRequest) -> tuple[Rule[Any], ...]:
    """Return the rules to look for.

    Raises:
        UsageError: a word names no rule.
    """
    return rules_selected(settings, request, CONTRACTS)


def found(traces: Iterable[ContractTrace], rules: Sequence[Rule[Contracted]]) -> Iterator[Finding]:
    """Yield what the rules find."""
    for trace in traces:
        for rule in rules:
            for hit in rule.check(Contracted(trace)):
                yield rule.finding(hit)


def judged(
    settings: Settings,
    request: ContractsRequest,
    findings: Iterable[Finding],
    looked_at: Collection[str],
    ran: Collection[str],
) -> Verdict:
    """Say which findings count.

    Args:
        settings: of the repository.
        request: what was asked.
        findings: all that the rules found.
        looked_at: paths of the files that were tried, as findings show them.
        ran: codes of the rules that were looked for.
    """
    told = with_excerpts(findings, Path)
    comments = comments_in({one.span.path for one in told})
    settled = settle(
        heed(told, comments, rules=RULES, ran=ran, judges=()),
        per_file_ignores=settings.per_file_ignores,
        severity=settings.severity,
        root=settings.root,
        rules=RULES,
    )
    known = Known(settings.root, request.baseline, settings.baseline)
    paths = {*looked_at, *(one.span.path for one in told)}
    if request.write_baseline:
        return Verdict((), (known.write(settled, paths, ran),))
    entries = known.entries() or ()
    asked = () if request.is_narrow else ran
    held = baseline.hold_back(settled, entries, settings.root, looked_at=paths, ran=asked)
    new = with_read(settings, request, held.new, looked_at)
    return Verdict(new, held.notes(known.option), held.held)
