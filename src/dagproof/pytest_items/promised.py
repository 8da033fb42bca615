"""What was tried of the promises of DAG files, for the items that ask for it."""

from collections.abc import Iterator
from typing import Final

from dagproof.model import ContractTrace, Counterexample, Finding, Report
from dagproof.proving import import_is_to_blame
from dagproof.pytest_items.belonging import Selection, owner
from dagproof.pytest_items.questions import promises_of
from dagproof.pytest_items.told import Answer, Untried
from dagproof.rules import CONTRACTS

_TRIED: Final = frozenset(rule.code for rule in CONTRACTS)


def answers(report: Report, selection: Selection) -> Iterator[Answer]:
    """Yield each finding for the DAG files whose promise is broken, also by a helper of theirs.

    What was only read is left to `lint`.
    """
    told = set()
    for finding in report.findings:
        if finding.code not in _TRIED:
            continue
        for trace, broken in _ways(finding, report, selection):
            for question in promises_of(finding, broken):
                answer = Answer(finding, trace, question)
                if answer not in told:
                    told.add(answer)
                    yield answer


def untried(report: Report, selection: Selection) -> dict[str, Untried]:
    """Return why DAG files were not tried, by their paths."""
    traces = {trace.path: trace for trace in report.contracts}
    found = {}
    for error in report.errors:
        file = selection.dag_file(error.path)
        if file is not None:
            trace = traces.get(error.path)
            found[str(file)] = Untried(error.message, trace is None or import_is_to_blame(trace))
    return found


def _ways(
    finding: Finding, report: Report, selection: Selection
) -> Iterator[tuple[str, Counterexample | None]]:
    """Yield the DAG files that a finding is about, each with what was seen of it there."""
    known = False
    for trace in report.contracts:
        file = selection.dag_file(trace.path)
        broken = _behind(finding, trace)
        if file is not None and broken is not None:
            known = True
            yield str(file), broken
    if not known and (file_of := owner(finding, (), selection)):
        yield file_of, None


def _behind(finding: Finding, trace: ContractTrace) -> Counterexample | None:
    """Return the counterexample that a finding tells."""
    return next(
        (
            one
            for one in trace.counterexamples
            if (one.offence, one.span, one.message) == (finding.slug, finding.span, finding.message)
        ),
        None,
    )
