"""Puts the reports of stages together: what two of them know is told once."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from typing import Final

from dagproof.model import Ending, Finding, ImportTrace, Report, Unread
from dagproof.proving import import_is_to_blame
from dagproof.reporters.unimported import unimported
from dagproof.verdict.baseline import together

_UNIMPORTABLE: Final = frozenset({"DP100", "DP220", "DP221", "DP222"})
"""What says already that nothing can be proved of a file."""

_UNPROVED: Final = "DP390"


def merged(reports: Sequence[Report], names: Sequence[str] = ()) -> Report:
    """Return what all reports say.

    Args:
        reports: of the stages, those that know less before those that know more.
        names: of the stages, where what a baseline holds back is to be counted for each.
    """
    told = {trace.path for report in reports for trace in report.imports if _tells(trace)}
    reports = [_without_imports(report, told) for report in reports]
    findings = _once(finding for report in reports for finding in report.findings)
    broken = {one.span.path for one in findings if one.code in _UNIMPORTABLE}
    proved = (one for one in findings if one.code != _UNPROVED or one.span.path not in broken)
    rules = {rule.code: rule for report in reports for rule in report.rules}
    imports = tuple(trace for report in reports for trace in report.imports)
    return Report(
        runs=tuple(run for report in reports for run in report.runs),
        tracking=next((one.tracking for one in reports if one.runs), Report().tracking),
        findings=tuple(sorted(proved, key=lambda one: (one.span, one.code))),
        rules=tuple(rules[code] for code in sorted(rules)),
        files=max((report.files for report in reports), default=0),
        errors=_errors(reports),
        imports=imports,
        contracts=tuple(trace for report in reports for trace in report.contracts),
        diffs=tuple(diff for report in reports for diff in report.diffs),
        notes=_notes(reports, names, imports),
        held=sum(report.held for report in reports),
    )


def _notes(
    reports: Sequence[Report], names: Sequence[str], imports: tuple[ImportTrace, ...]
) -> tuple[str, ...]:
    """Return each note once, and which files do not import, whoever holds that back."""
    notes = [note for report in reports for note in report.notes]
    if names:
        notes = [*together(dict(zip(names, reports, strict=True)))]
    unproved = unimported(Report(imports=imports))
    return tuple(dict.fromkeys([*notes, *([f"{unproved}."] if unproved else [])]))


def _tells(trace: ImportTrace) -> bool:
    """Say whether an audit has seen why a file cannot be imported where nothing is let through."""
    refused = any(effect.refused for effect in trace.effects)
    return trace.ending is not Ending.IMPORTED or bool(trace.errors) or refused


def _without_imports(report: Report, told: Collection[str]) -> Report:
    """Return a report without what could not be tried because a file does not import.

    Where the audit tells of that, a baseline may know it; a file that it could import and that
    another process could not, as when time runs out, has not been tried.
    """
    untried = {one.path for one in report.contracts if one.path in told and import_is_to_blame(one)}
    return replace(
        report,
        contracts=tuple(one for one in report.contracts if one.path not in untried),
        errors=tuple(one for one in report.errors if one.path not in untried),
    )


def _once(findings: Iterable[Finding]) -> list[Finding]:
    """Return each offence at a place once: by the codes of all that know it, in the last words."""
    found: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        key = (finding.code, finding.span, finding.message)
        before = found.get(key)
        if before is not None:
            also = tuple(dict.fromkeys((*before.also, *finding.also)))
            related = finding.related or before.related
            finding = replace(finding, also=also, related=related)  # noqa: PLW2901
        found[key] = finding
    return list(found.values())


def _errors(reports: Sequence[Report]) -> tuple[Unread, ...]:
    """Return each file that could not be read once."""
    told: dict[str, Unread] = {}
    for report in reports:
        for error in report.errors:
            told.setdefault(error.path, error)
    return tuple(told[path] for path in sorted(told))
