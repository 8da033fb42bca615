"""The report as JUnit XML, for what shows tests: Jenkins, GitLab, GitHub actions that read it."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final
from xml.etree import ElementTree as ET

from dagproof.model import Report, Stage, StageState
from dagproof.reporters.characters import visible
from dagproof.reporters.junit_cases import (
    Case,
    Outcome,
    diff_cases,
    file_cases,
    run_cases,
)
from dagproof.reporters.words import count

_EVIDENCE: Final = {"lint": "1", "audit": "2", "contracts": "3", "run": "4"}
"""The hundred of the codes that each kind of evidence finds."""

_FATES: Final = {
    StageState.UNABLE: Outcome("error", "could not look", "it could not be looked at"),
    StageState.SKIPPED: Outcome("skipped", "left out", "it was left out"),
}


@dataclass(frozen=True, slots=True)
class Suite:
    """The test cases of one kind of evidence.

    Attributes:
        name: of the stage.
        cases: in order.
        seconds: wall-clock seconds.
    """

    name: str
    cases: Sequence[Case]
    seconds: float = 0.0


def render(report: Report) -> str:
    """Return one suite for each stage; a file, a task instance or a DAG that differs is a test."""
    root = ET.Element("testsuites")
    suites = [_suite(suite) for suite in (*_suites(report),) or (_nothing(report),)]
    _counted(root, "dagproof", [case for suite in suites for case in suite], report.seconds)
    root.extend(suites)
    ET.indent(root)
    text = ET.tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="utf-8"?>\n{text}\n'


def _suites(report: Report) -> Iterator[Suite]:
    told = {stage.name: stage for stage in report.stages}
    for name in dict.fromkeys((*told, *_EVIDENCE, "diff")):
        stage = told.get(name)
        cases = tuple(_cases(report, name))
        if stage is not None and (stage.state in _FATES or not cases):
            cases = (_stage_case(stage), *cases)
        if cases:
            yield Suite(name, cases, stage.seconds if stage else sum(one.seconds for one in cases))


def _nothing(report: Report) -> Suite:
    """Return a suite with one test that passes: readers take a report without tests for broken."""
    looked_at = count(report.files, "file")
    return Suite("dagproof", (Case("dagproof", "clean", output=looked_at),), report.seconds)


def _cases(report: Report, name: str) -> Iterable[Case]:
    if name == "diff":
        return diff_cases(report.diffs)
    cases = file_cases(report, name, _EVIDENCE[name]) if name in _EVIDENCE else ()
    return (*run_cases(report), *cases) if name == "run" else cases


def _stage_case(stage: Stage) -> Case:
    """Return a test that says what came of a stage as a whole."""
    fate = _FATES.get(stage.state)
    if fate is not None and stage.note:
        fate = Outcome(fate.element, fate.type, stage.note)
    return Case(f"dagproof.{stage.name}", stage.name, outcome=fate, output=visible(stage.note))


def _suite(suite: Suite) -> ET.Element:
    element = ET.Element("testsuite")
    cases = [_case(case) for case in suite.cases]
    _counted(element, suite.name, cases, suite.seconds)
    element.extend(cases)
    return element


def _counted(element: ET.Element, name: str, cases: Sequence[ET.Element], seconds: float) -> None:
    numbers = {
        noun: sum(case.find(child) is not None for case in cases)
        for noun, child in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped"))
    }
    element.attrib |= {"name": name, "tests": str(len(cases))}
    element.attrib |= {noun: str(number) for noun, number in numbers.items()}
    element.set("time", f"{seconds:.3f}")


def _case(case: Case) -> ET.Element:
    element = ET.Element("testcase", classname=visible(case.group), name=visible(case.name))
    element.set("time", f"{case.seconds:.3f}")
    if case.file:
        element.set("file", visible(case.file))
        element.set("line", str(case.line))
    if case.outcome is not None:
        outcome = case.outcome
        told = ET.SubElement(element, outcome.element, message=visible(outcome.message))
        if outcome.element != "skipped":
            told.set("type", visible(outcome.type) or outcome.element)
            told.text = outcome.text or None
    if case.output:
        ET.SubElement(element, "system-out").text = case.output
    return element
