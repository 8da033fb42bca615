"""What the rules find in what was seen."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from dagproof.audit.request import AuditRequest
from dagproof.audit.targets import Targets
from dagproof.config import Budgets, Settings
from dagproof.model import Finding, Hit, ImportTrace, Rule, Span
from dagproof.rules import IMPORTS, RULES
from dagproof.rules.audited import Audited
from dagproof.rules.dp100_unreadable_file import RULE as UNREADABLE
from dagproof.rules.dp224_unstable_dag import RULE as UNSTABLE
from dagproof.rules.dp229_grown_import import RULE as GROWN
from dagproof.verdict.selection import select_asked


class Selection(Protocol):
    """Words that name rules, as a command was asked."""

    @property
    def select(self) -> Sequence[str]:
        """Those to look for; none for those that are on."""

    @property
    def ignore(self) -> Sequence[str]:
        """Those not to look for."""

    @property
    def extend_select(self) -> Sequence[str]:
        """Those to look for beside the others."""


def selected(
    settings: Settings, request: Selection, among: Collection[Rule[Any]] = IMPORTS
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
                yield rule.finding(hit)


def unread(targets: Targets) -> Iterator[Finding]:
    """Yield what cannot be read, as findings."""
    for path, why in targets.shown_unread():
        yield UNREADABLE.finding(Hit(Span(path, 1, 1, 1, 1), f"This file cannot be read: {why}"))
