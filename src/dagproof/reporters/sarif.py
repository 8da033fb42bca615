"""The report as SARIF 2.1.0, for code scanning on GitHub and elsewhere."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from dagproof import __version__
from dagproof.model import Finding, Report, Rule, Severity
from dagproof.reporters.rule_page import markdown, page
from dagproof.reporters.sarif_places import artifact, fixes, location, place
from dagproof.reporters.words import is_step, sentence

_SCHEMA: Final = (
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
)

_PROBLEM: Final = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTE: "recommendation",
}
"""GitHub's own words for severities."""


def render(report: Report) -> str:
    """Return the findings as a log of one run, on one line and in ASCII."""
    log = {"$schema": _SCHEMA, "version": "2.1.0", "runs": [_run(report)]}
    # Of a name that is not UTF-8, half a character may have come this far; readers refuse it.
    text = json.dumps(log, ensure_ascii=False).encode(errors="replace").decode()
    return json.dumps(json.loads(text)) + "\n"


def _run(report: Report) -> dict[str, object]:
    indices = {rule.code: index for index, rule in enumerate(report.rules)}
    fingerprints = _fingerprints(report.findings)
    return {
        "tool": {
            "driver": {
                "name": "dagproof",
                "semanticVersion": __version__,
                "rules": [_rule(rule) for rule in report.rules],
            }
        },
        "invocations": [_invocation(report)],
        "columnKind": "unicodeCodePoints",
        "results": [
            _result(finding, indices, fingerprint)
            for finding, fingerprint in zip(report.findings, fingerprints, strict=True)
        ],
    }


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


def _invocation(report: Report) -> dict[str, object]:
    unread: list[dict[str, object]] = [
        {
            "level": "error",
            "message": {"text": sentence(error.message)},
            "locations": [{"physicalLocation": {"artifactLocation": artifact(error.path)}}],
        }
        for error in report.errors
    ]
    notes: list[dict[str, object]] = [
        {"level": "note", "message": {"text": note}} for note in report.notes
    ]
    return {
        "executionSuccessful": not report.errors,
        "toolExecutionNotifications": unread + notes,
    }


def _result(finding: Finding, indices: Mapping[str, int], fingerprint: str) -> dict[str, object]:
    result: dict[str, object] = {
        "ruleId": finding.code,
        "level": finding.severity,
        "message": {"text": f"{sentence(finding.message)} {finding.fix}"},
        "locations": [place(finding.span, finding.excerpt)],
        "partialFingerprints": {"dagproofFinding/v1": fingerprint},
    }
    if finding.code in indices:
        result["ruleIndex"] = indices[finding.code]
    if finding.related:
        places = [location(related.span, related.message) for related in finding.related]
        result["relatedLocations"] = [{"id": number} | one for number, one in enumerate(places, 1)]
        if all(map(is_step, finding.related)):
            steps = [*places, location(finding.span, finding.message)]
            flow = {"locations": [{"location": step} for step in steps]}
            result["codeFlows"] = [{"threadFlows": [flow]}]
    if finding.edits:
        result["fixes"] = fixes(finding)
    if properties := _properties(finding):
        result["properties"] = properties
    return result


def _properties(finding: Finding) -> dict[str, object]:
    """Return what SARIF has no name for."""
    given = {"also": list(finding.also), "detail": finding.detail}
    return {name: value for name, value in given.items() if value}


def _fingerprints(findings: Sequence[Finding]) -> Iterator[str]:
    """Yield for each finding what stays the same while its line moves and the file is edited."""
    seen: Counter[tuple[str, str, str]] = Counter()
    for finding in findings:
        same = finding.code, finding.span.path, finding.excerpt.strip()
        seen[same] += 1
        text = "\0".join((*same, str(seen[same])))
        yield hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
