"""Looks at what was there at the base: the DAGs, and the findings that are not new."""

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dagproof.audit.against import Before, past_of, there
from dagproof.config import Settings
from dagproof.gate.question import Question
from dagproof.model import DagDiff, DagproofError, Finding, ImportTrace, Progress, Rule

if TYPE_CHECKING:
    from dagproof.diffing.composition import Differing


@dataclass(frozen=True, slots=True)
class Past:
    """What was there at the base.

    Attributes:
        findings: by the paths of today.
        evidence: the hundreds of their codes that were looked for, such as `DP1`.
        before: what was seen while files of then were imported.
        diffs: how the DAGs differ.
        notes: what could not be compared.
        grown: findings of imports that cost more now.
        rules: that found those.
    """

    findings: tuple[Finding, ...] = ()
    evidence: frozenset[str] = frozenset()
    before: Before = field(default_factory=Before)
    diffs: tuple[DagDiff, ...] = ()
    notes: tuple[str, ...] = ()
    grown: tuple[Finding, ...] = ()
    rules: tuple[Rule[Any], ...] = ()


def look_back(settings: Settings, question: Question, progress: Progress) -> Past:
    """Read files as they were at the base, and import those that are to be compared.

    Args:
        settings: of the repository.
        question: what is asked.
        progress: told what is being done.

    Raises:
        UsageError: there is no such commit any more.
        UnavailableError: there is no Airflow that could import the files.
    """
    from dagproof.lint import LintRequest, lint

    read = _then(
        settings,
        question,
        lambda then, _: lint(then, LintRequest(**question.asked, cached=False)).findings,
    )
    if question.paths == ():
        return Past(tuple(_today(read, question.renamed)), frozenset({"DP1"}))
    differing = _imported(settings, question, progress)
    found = (*differing.before.findings, *read)
    return Past(
        findings=tuple(_today(found, question.renamed)),
        evidence=frozenset({"DP1", "DP2"}),
        before=differing.before,
        diffs=differing.diffs if question.alone else (),
        notes=differing.notes if question.alone else (),
    )


def _imported(settings: Settings, question: Question, progress: Progress) -> "Differing":
    from dagproof.audit.request import AuditRequest
    from dagproof.diffing.composition import diff

    request = AuditRequest(**question.asked, allow=question.allow, twice=False)
    now = None if question.alone else ()
    return diff(settings, question.commit, question.paths, progress, now=now, request=request)


def try_back(settings: Settings, question: Question, progress: Progress) -> Past:
    """Try what files promised at the base.

    Args:
        settings: of the repository.
        question: what is asked.
        progress: told what is being done.
    """
    from dagproof.proving import ContractsRequest, prove

    before = {now: then for then, now in question.renamed.items()}
    tried = [Path(before.get(str(path), path)) for path in question.tried]

    def prove_then(then: Settings, paths: Sequence[Path]) -> Iterable[Finding]:
        if not paths:
            return ()
        asked = ContractsRequest(**question.asked, paths=paths, allow=question.allow)
        return prove(then, asked, progress).findings

    found = _then(settings, question, prove_then, tried)
    return Past(tuple(_today(found, question.renamed)), frozenset({"DP3"}))


def compared(
    past: Past, settings: Settings, question: Question, traces: Sequence[ImportTrace]
) -> Past:
    """Return what was there, with how it differs from what was seen of the working tree.

    Args:
        past: what was there.
        settings: of the repository.
        question: what was asked.
        traces: what was seen of the same files.
    """
    from dagproof.audit.findings import found, selected
    from dagproof.audit.judging import judged
    from dagproof.audit.request import AuditRequest
    from dagproof.diffing.composition import differing
    from dagproof.rules import dp229_grown_import

    now = differing(past.before, traces)
    request = AuditRequest(**question.asked)
    rules = selected(settings, request, (dp229_grown_import.RULE,))
    told = list(found(traces, rules, settings.budgets, past.before.seconds))
    ran = {rule.code for rule in rules}
    grown = judged(settings, request, told, traces, ran=ran).findings if told else ()
    return replace(past, diffs=now.diffs, notes=now.notes, grown=grown, rules=rules)


def _then(
    settings: Settings,
    question: Question,
    look: Callable[[Settings, Sequence[Path]], Iterable[Finding]],
    paths: Sequence[Path] = (),
) -> Iterator[Finding]:
    """Yield what is found in the repository as it was, by the paths of today."""
    from dagproof.airflow_compat.home import scratch_home
    from dagproof.diffing.composition import as_then

    with scratch_home() as scratch:
        past = as_then(past_of(settings, question.commit, scratch.resolve()))
        try:
            found = look(past.settings, there(settings, past, paths))
        except DagproofError:
            return  # there was no DAG file yet, and nothing is known to have been there
        for one in found:
            yield _moved(one, past.root, settings.root)


def _moved(finding: Finding, then: Path, now: Path) -> Finding:
    from dagproof.lint.entries import show

    path = Path(os.path.abspath(finding.span.path))  # noqa: PTH100 - resolve() follows links
    inside = path.is_relative_to(then)
    shown = show(now / path.relative_to(then)) if inside else finding.span.path
    return replace(finding, span=replace(finding.span, path=shown))


def _today(findings: Iterable[Finding], renamed: Mapping[str, str]) -> Iterator[Finding]:
    """Yield findings of files that have been renamed by the names of today."""
    from dagproof.lint.entries import show

    names = {show(Path(then)): show(Path(now)) for then, now in renamed.items()}
    for one in findings:
        path = names.get(one.span.path, one.span.path)
        yield one if path == one.span.path else replace(one, span=replace(one.span, path=path))
