"""What the rules find in what was seen."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from dagproof.audit.request import AuditRequest
from dagproof.audit.targets import Targets
from dagproof.config import Budgets, Settings
from dagproof.model import Finding, ImportTrace, Rule, Span
from dagproof.rules import IMPORTS, RULES
from dagproof.rules.audited import Audited
from dagproof.rules.dp100_unreadable_file import RULE as UNREADABLE
from dagproof.rules.dp224_unstable_dag import RULE as UNSTABLE
from dagproof.rules.dp229_grown_import import RULE as GROWN
from dagproof.verdict.selection import select_asked


def selected(
    settings: Settings, request: AuditRequest, among: Collection[Rule[Any]] = IMPORTS
) -> tuple[Rule[Any], ...]:
    """Return the rules to look for.

    Raises:
        UsageError: a word names no rule.
    """
    chosen = select_asked(
        RULES,
        asked=(request.select, request.ignore, request.extend_select),
        said=(settings.select, settings.ignore, settings.extend_select),
    )
    return tuple(rule for rule in chosen if rule in among)


def looked_for(rules: Iterable[Rule[Any]], request: AuditRequest) -> frozenset[str]:
    """Return the codes of which something would have been found if it were there."""
    needs = {GROWN.code: request.against is not None, UNSTABLE.code: request.twice}
    return frozenset(rule.code for rule in rules if needs.get(rule.code, True))


def found(
    traces: Iterable[ImportTrace],
    rules: Sequence[Rule[Audited]],
    budgets: Budgets,
    before: Mapping[str, float],
) -> Iterator[Finding]:
    """Yield what the rules find.

    Args:
        traces: what was seen.
        rules: those to look for.
        budgets: what an import may cost.
        before: CPU seconds that imports took in the commit that this is compared with, by path.
    """
    for trace in traces:
        audited = Audited(
            trace, budgets.import_seconds, before.get(trace.path), budgets.import_growth
        )
        for rule in rules:
            for hit in rule.check(audited):
                yield Finding(
                    rule.code, rule.slug, rule.severity, rule.kind, hit.message, rule.fix,
                    hit.span, related=hit.related, edits=hit.edits, detail=hit.detail,
                )  # fmt: skip


def unread(targets: Targets) -> Iterator[Finding]:
    """Yield what cannot be read, as findings."""
    for path, why in targets.shown_unread():
        yield Finding(
            UNREADABLE.code, UNREADABLE.slug, UNREADABLE.severity, UNREADABLE.kind,
            f"This file cannot be read: {why}", UNREADABLE.fix, Span(path, 1, 1, 1, 1),
        )  # fmt: skip
