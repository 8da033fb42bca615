"""Explains the rules that have found something: why, how not, how, and how to allow it."""

from typing import Any

from dagproof.model import Report, Rule
from dagproof.reporters.html.escape import Html, joined, prose, tag
from dagproof.reporters.html.parts import section, severity
from dagproof.reporters.words import count


def rule_notes(report: Report) -> Html:
    """Return the part of the page that findings lead to."""
    numbers: dict[str, int] = {}
    for finding in report.findings:
        numbers[finding.code] = numbers.get(finding.code, 0) + 1
    known = {rule.code: rule for rule in report.rules}
    told = [known[code] for code in sorted(numbers) if code in known]
    note = f"those that have found something, of {count(len(known), 'rule')}"
    notes = [_note(rule, numbers[rule.code]) for rule in told]
    notes += [_unknown(code) for code in sorted(numbers.keys() - known.keys())]
    return section("rules", "Rules", note, *notes)


def _note(rule: Rule[Any], number: int) -> Html:
    head = (
        tag("h3", f"{rule.code} {rule.slug}"),
        severity(rule.severity),
        tag("small", f"{rule.kind}, {count(number, 'finding')}"),
    )
    allow = f"# dagproof: ignore[{rule.code}] reason"
    return tag(
        "article",
        tag("div", joined(head, " "), class_="heads"),
        tag("p", prose(rule.why)),
        tag("p", tag("b", "Fix"), " ", prose(rule.fix), class_="fix"),
        tag("div", _code("✗", "bad", rule.bad), _code("✓", "good", rule.good), class_="pair"),
        tag("p", "To allow it on one line: ", tag("code", allow), class_="muted"),
        class_="rule",
        id=rule.code,
        tabindex=-1,
    )


def _code(sign: str, name: str, text: str) -> Html:
    title = tag("figcaption", f"{sign} {name}")
    return tag("figure", title, tag("pre", text.strip("\n")))


def _unknown(code: str) -> Html:
    told = (tag("code", f"dagproof rule {code}"), " explains it.")
    return tag("article", tag("h3", code), tag("p", *told), class_="rule", id=code, tabindex=-1)
