"""Drops the findings that comments cover, and judges the comments."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from dagproof.model import Finding, Rule
from dagproof.source.comments import Ignore, JudgedIgnore
from dagproof.verdict.twins import twin
from dagproof.verdict.words import nearest


def heed(
    findings: Sequence[Finding],
    ignores: Mapping[str, Sequence[Ignore]],
    *,
    rules: Sequence[Rule[Any]],
    ran: Collection[str],
    judges: Sequence[Rule[JudgedIgnore]],
) -> tuple[Finding, ...]:
    """Return the findings that no comment covers, and those about the comments.

    A comment covers a finding that begins or ends on a line it applies to; one for a code covers
    the code's twin, the same offence by other evidence, too. Give this all findings, before
    settings or a baseline take some away, else a comment looks unused that is not.

    Args:
        findings: with paths as they are shown.
        ignores: the comments of every file that was read, by its path as it is shown.
        rules: all that there are, of every hundred.
        ran: the codes that were looked for; a comment for another may be of use elsewhere.
        judges: the selected rules about comments.
    """
    codes = {name: rule.code for rule in rules for name in (rule.code, rule.slug)}
    used: set[tuple[str, Ignore, str]] = set()
    left = [finding for finding in findings if not _covered(finding, ignores, codes, used)]
    for path, comments in ignores.items():
        for ignore in comments:
            unused = tuple(
                word
                for word in ignore.words
                if ignore.reason and codes.get(word) in ran and (path, ignore, word) not in used
            )
            unknown = tuple(
                (word, nearest(word, rules)) for word in ignore.words if word not in codes
            )
            left += _judged(JudgedIgnore(path, ignore, unused, unknown), judges)
    return tuple(left)


def _covered(
    finding: Finding,
    ignores: Mapping[str, Sequence[Ignore]],
    codes: Mapping[str, str],
    used: set[tuple[str, Ignore, str]],
) -> bool:
    span = finding.span
    names = {finding.code, finding.slug, twin(finding.code)}
    uses = {
        (span.path, ignore, word)
        for ignore in ignores.get(span.path, ())
        if ignore.reason and (span.line in ignore.applies_to or span.end_line in ignore.applies_to)
        for word in ignore.words
        if names & {word, codes.get(word, word)}
    }
    used |= uses
    return bool(uses)


def _judged(judged: JudgedIgnore, judges: Sequence[Rule[JudgedIgnore]]) -> Iterator[Finding]:
    for rule in judges:
        for hit in rule.check(judged):
            yield Finding(
                code=rule.code,
                slug=rule.slug,
                severity=rule.severity,
                kind=rule.kind,
                message=hit.message,
                fix=rule.fix,
                span=hit.span,
                excerpt=judged.ignore.excerpt,
                related=hit.related,
                edits=hit.edits,
            )
