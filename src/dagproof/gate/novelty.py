"""Says which findings are new, and leaves out what the change has nothing to do with."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from dagproof.gate.past import Past
from dagproof.lint.entries import show
from dagproof.model import FileFate, Finding, Report, Severity, StageState
from dagproof.reporters.unimported import fails
from dagproof.reporters.words import count
from dagproof.verdict import baseline

_UNSTABLE: Final = "DP224"
"""What only a second import shows, and files of the base are imported once."""

_EVIDENCE: Final = {"lint": "DP1", "audit": "DP2", "contracts": "DP3", "run": "DP4"}


def with_novelty(report: Report, past: Past | None, root: Path, *, new_only: bool) -> Report:
    """Return the report with findings that are marked, and without those of no concern.

    Files that the change cannot affect are read all the same, since what does not fit between two
    files may be told in the one that did not change: what was there before is not told again.

    Args:
        report: of a gate, with what was compared and affected.
        past: what was there at the base; None where nobody looked.
        root: the folder of the repository.
        new_only: whether what was there before is left out altogether.
    """
    if past is None or report.comparison is None or report.impact is None:
        return _settled(report)
    added = {show(Path(one.path)) for one in report.comparison.files if one.fate is FileFate.ADDED}
    findings = _marked(report.findings, past, root, added)
    if not report.impact.everything:
        concerned = {one.path for one in report.impact.affected}
        concerned |= {show(Path(one.path)) for one in report.comparison.files}
        findings = tuple(one for one in findings if one.new is not False or _is_of(one, concerned))
    if not new_only:
        return _settled(replace(report, findings=findings))
    left = tuple(one for one in findings if one.new is not False)
    known = len(findings) - len(left)
    note = f"{count(known, 'finding')} held back, there before at {report.comparison.short}."
    notes = (*report.notes, *((note,) if known else ()))
    return _settled(replace(report, findings=left, notes=notes))


def _settled(report: Report) -> Report:
    """Return the report with stages that failed for nothing that is left as clean ones.

    Contracts that could try no file, since none imports, are left out.
    """
    codes = {
        code[:3]
        for one in report.findings
        if one.severity is not Severity.NOTE
        for code in (one.code, *one.also)
    }
    failed = {name for name, hundred in _EVIDENCE.items() if hundred in codes}
    if not all(run.succeeded for run in report.runs):
        failed.add("run")
    if any(one.failure for one in report.contracts):
        failed.add("contracts")
    partly = any(fails(trace) and trace.dag_ids for trace in report.imports)
    untried = () if report.contracts or partly else ("contracts",)
    stages = (
        replace(
            stage,
            state=StageState.SKIPPED if stage.name in untried else StageState.CLEAN,
            exit_code=0,
        )
        if stage.state is StageState.FOUND and stage.name not in failed
        else stage
        for stage in report.stages
    )
    return replace(report, stages=tuple(stages))


def _is_of(finding: Finding, paths: Collection[str]) -> bool:
    """Say whether a finding, or the way to it, is in one of some files."""
    places = (finding.span, *(one.span for one in finding.related))
    return any(span.path in paths for span in places)


def _marked(
    findings: Sequence[Finding], past: Past, root: Path, added: Collection[str]
) -> tuple[Finding, ...]:
    """Return findings with whether they are new; None where nobody looked for their kind."""
    entries = baseline.entries(past.findings, root)
    held = baseline.hold_back(findings, entries, root, looked_at=(), ran=())
    fresh = set(map(id, held.new))

    def is_new(one: Finding) -> bool | None:
        if one.span.path in added:
            return True
        looked = one.code[:3] in past.evidence and one.code != _UNSTABLE
        return id(one) in fresh if looked else None

    return tuple(replace(one, new=is_new(one)) for one in findings)
