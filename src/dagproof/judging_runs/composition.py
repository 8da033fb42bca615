"""Judges what runs show by the rules: what tasks pushed to XCom, and what running again changed."""

import dataclasses
from collections.abc import Iterator, Sequence
from pathlib import Path

from dagproof.audit.findings import selected as rules_selected
from dagproof.audit.seeing import show
from dagproof.config import Settings
from dagproof.import_audit.places import Sources
from dagproof.judging_runs.traces import repetition_traces
from dagproof.model import (
    ContractTrace,
    Counterexample,
    DagOutcome,
    Finding,
    RepetitionTrace,
    Report,
    Rule,
    Span,
    TaskOutcome,
    XComRecord,
    XComTrouble,
)
from dagproof.proving.judging import found, judged
from dagproof.proving.literals import Literals
from dagproof.proving.request import ContractsRequest
from dagproof.reporters.words import count
from dagproof.rules import CONTRACTS, RUNS
from dagproof.rules.repeated import Repeated

Told = tuple[TaskOutcome, XComRecord, XComTrouble]
"""What is wrong with which value of which task instance."""


def with_findings(settings: Settings, report: Report) -> Report:
    """Return the report of runs with what the rules find in it.

    Ignore comments, the settings and the baseline hold as for `dagproof contracts`. Of stubbed
    tasks nothing is found: their values are the user's.

    Raises:
        UsageError: a setting names no rule.
    """
    traces = tuple(contract_trace(run) for run in report.runs)
    repeated = repetition_traces(report)
    shown = (trace.counterexamples for trace in traces)
    if not any(shown) and not any(trace.counterexamples for trace in repeated):
        return report
    # Narrow: what a run does not show is not mended, and the baseline's other entries may stand.
    request = ContractsRequest(dag_id=report.runs[0].dag_id)
    rules, of_runs = (rules_selected(settings, request, among) for among in (CONTRACTS, RUNS))
    codes = {rule.code for rule in (*rules, *of_runs)}
    paths = {trace.path for trace in traces} | {trace.path for trace in repeated}
    again = _found_again(repeated, of_runs)
    findings = dict.fromkeys((*found(traces, rules), *again))  # a DAG may have been run twice
    verdict = judged(settings, request, findings, paths, codes)
    told = tuple(sorted(verdict.findings, key=lambda one: (one.span, one.code)))
    files = len(paths) if told else 0
    every = (*rules, *of_runs)
    return dataclasses.replace(report, findings=told, rules=every, files=files)


def _found_again(
    traces: Sequence[RepetitionTrace], rules: Sequence[Rule[Repeated]]
) -> Iterator[Finding]:
    for trace in traces:
        for rule in rules:
            yield from map(rule.finding, rule.check(Repeated(trace)))


def contract_trace(run: DagOutcome) -> ContractTrace:
    """Return what a run shows of its DAG's promises, each offence of a task and a key once."""
    places = _Places(run)
    told: dict[tuple[str, str, str], list[Told]] = {}
    for one in _troubles(run):
        told.setdefault((one[0].task_id, one[1].key, one[2].offence), []).append(one)
    return ContractTrace(
        path=places.file,
        dag_ids=(run.dag_id,),
        counterexamples=tuple(_counterexample(run, same, places) for same in told.values()),
        values=sum(len(task.pushed) for task in run.tasks),
    )


def _troubles(run: DagOutcome) -> Iterator[Told]:
    for task in sorted(run.tasks, key=lambda one: one.map_index):
        for record in () if task.stubbed else task.pushed:
            for trouble in record.troubles:
                yield task, record, trouble


def _counterexample(run: DagOutcome, same: Sequence[Told], places: "_Places") -> Counterexample:
    """Return what is wrong with the first of some mapped instances, or of the only one."""
    task, record, trouble = same[0]
    others = len(same) - 1
    also = f" (so did {count(others, 'other instance')} of it)" if others else ""
    return Counterexample(
        trouble.offence,
        f"{trouble.message}{also}",
        places.span(task, record),
        run.dag_id,
        task.task_id,
        record.key,
        detail=trouble.detail,
    )


class _Places:
    """Knows where the tasks of one run are defined."""

    def __init__(self, run: DagOutcome) -> None:
        self._sources = Sources(show)
        self._literals = Literals()
        self.file = show(Path(run.path or "."))

    def span(self, task: TaskOutcome, record: XComRecord) -> Span:
        """Return the task's callable, else where its id stands, else the file."""
        if record.path:
            return self._sources.whole(record.path, record.line)
        found = self._literals.find(self.file, task.task_id, None)
        return found or Span(self.file, 1, 1, 1, 1)
