"""The report as SARIF 2.1.0, for code scanning on GitHub and elsewhere."""

import gzip
import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from dagproof import __version__
from dagproof.model import Finding, Report, Rule, Severity, StageState
from dagproof.reporters.rule_page import markdown, page
from dagproof.reporters.sarif_places import artifact, fixes, location, place
from dagproof.reporters.words import count, is_step, sentence

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_PROBLEM: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "recommendation",
}
"""GitHub's own words for severities."""


_STATES: Final = {True: "new", False: "unchanged", None: "new"}

RESULTS: Final = 25_000
_LOCATIONS: Final = 900
_BYTES: Final = 9_500_000
"""What GitHub takes: results of a run, places of a result, bytes of a log after gzip. Of so many
results it shows 5,000, the most severe."""

Told = tuple[Finding, str]
"""A finding with its fingerprint."""


def render(report: Report) -> str:
    """Return the findings as a log of one run, on one line and in ASCII.

    GitHub refuses a log beyond its limits as a whole, so that the least important findings are left
    out of one that is too large, after the details of all; the log says so.
    """
    findings = _told(report.findings)
    text = _log(report, findings, detailed=True)
    if _too_large(text):
        text = _log(report, findings, detailed=False)
    while _too_large(text) and findings:
        findings = _first(findings, len(findings) // 2)
        text = _log(report, findings, detailed=False)
    return text


def _log(report: Report, findings: Sequence[Told], *, detailed: bool) -> str:
    run = _run(report, findings, detailed=detailed)
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]}
    text = json.dumps(log, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError:  # half a character of a name that is not UTF-8; readers refuse it
        log = json.loads(text.encode(errors="replace"))
    return json.dumps(log) + "\n"


def _too_large(text: str) -> bool:
    return len(text) > _BYTES and len(gzip.compress(text.encode(), compresslevel=6)) > _BYTES


def _told(findings: Sequence[Finding]) -> list[Told]:
    """Return the findings that a log may hold, each with its fingerprint, in their order."""
    told = list(zip(findings, _fingerprints(findings), strict=True))
    return _first(told, RESULTS)


def _first(told: Sequence[Told], number: int) -> list[Told]:
    """Return the most important of the findings, in the order that they have."""
    severities = list(Severity)
    order = sorted(
        range(len(told)),
        key=lambda one: (severities.index(told[one][0].severity), told[one][0].new is False),
    )
    return [told[one] for one in sorted(order[:number])]


def _run(report: Report, findings: Sequence[Told], *, detailed: bool) -> dict[str, object]:
    indices = {rule.code: index for index, rule in enumerate(report.rules)}
    compared = any(finding.new is not None for finding, _ in findings)
    left_out = len(report.findings) - len(findings)
    return {
        "tool": {
            "driver": {
                "name": "dagproof",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in report.rules],
            }
        },
        "invocations": [_invocation(report, _limits(left_out, detailed=detailed))],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, indices, fingerprint, detailed=detailed)
            | ({"baselineState": _STATES[finding.new]} if compared else {})
            for finding, fingerprint in findings
        ],
    }


def _limits(left_out: int, *, detailed: bool) -> Iterator[str]:
    """Yield what is not in the log, since GitHub would refuse it all."""
    if left_out:
        yield (
            f"{count(left_out, 'finding')} of the least severe left out: GitHub takes "
            f"{RESULTS:,} results and 10 MB; report.json has them all."
        )
    if not detailed:
        yield "The details of findings were left out: GitHub takes 10 MB; report.json has them."


def _rule(rule: Rule[Any]) -> dict[str, object]:
    words = rule.slug.split("-")
    return {
        "id": rule.code,
        "name": "".join(map(str.capitalize, words)),
        "shortDescription": {"text": " ".join(words).capitalize()},
        "fullDescription": {"text": rule.why},
        "help": {"text": page(rule), "markdown": markdown(rule)},
        "defaultConfiguration": {"enabled": rule.on, "level": rule.severity},
        "properties": {"tags": [rule.kind], "problem.severity": _PROBLEM[rule.severity]},
    }


def _invocation(report: Report, limits: Iterable[str]) -> dict[str, object]:
    unread: list[dict[str, object]] = [
        {
            "level": "error",
            "message": {"text": sentence(error.message)},
            "locations": [{"physicalLocation": {"artifactLocation": artifact(error.path)}}],
        }
        for error in report.errors
    ]
    unable: list[dict[str, object]] = [
        {"level": "error", "message": {"text": f"{stage.name}: {stage.note or 'could not look'}"}}
        for stage in report.stages
        if stage.state is StageState.UNABLE
    ]
    cut: list[dict[str, object]] = [
        {"level": "warning", "message": {"text": limit}} for limit in limits
    ]
    notes: list[dict[str, object]] = [
        {"level": "note", "message": {"text": note}} for note in report.notes
    ]
    return {
        "executionSuccessful": not report.errors and not unable,
        "toolExecutionNotifications": unable + unread + cut + notes,
    }


def _result(
    finding: Finding, indices: Mapping[str, int], fingerprint: str, *, detailed: bool
) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.code,
        "level": finding.severity,
        "message": {"text": f"{sentence(finding.message)} {finding.fix}"},
        "locations": [place(finding.span, finding.excerpt)],
        "partialFingerprints": {"dagproofFinding/v1": fingerprint},
    }
    if finding.code in indices:
        result["ruleIndex"] = indices[finding.code]
    if finding.related and detailed:
        steps_told = finding.related[-_LOCATIONS:]
        places = [location(related.span, related.message) for related in steps_told]
        result["relatedLocations"] = [{"id": number} | one for number, one in enumerate(places, 1)]
        if all(map(is_step, steps_told)):
            steps = [*places, location(finding.span, finding.message)]
            flow = {"locations": [{"location": step} for step in steps]}
            result["codeFlows"] = [{"threadFlows": [flow]}]
    if finding.edits and detailed:
        result["fixes"] = fixes(finding)
    if properties := _properties(finding, detailed=detailed):
        result["properties"] = properties
    return result


def _properties(finding: Finding, *, detailed: bool) -> dict[str, object]:
    """Return what SARIF has no name for."""
    given = {"also": list(finding.also), "detail": finding.detail if detailed else ""}
    return {name: value for name, value in given.items() if value}


def _fingerprints(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield for each finding what stays the same while its line moves and the file is edited."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding in findings:
        same = finding.code, finding.span.path, finding.excerpt.strip()
        seen[same] += 1
        text = "\0".join((*same, str(seen[same])))
        yield hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
