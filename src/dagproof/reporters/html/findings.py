"""The findings, by file: what, where in the source, the way there, and what to do."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from dagproof.model import Finding, Related, Report, Severity, Span
from dagproof.reporters.findings_text import untold
from dagproof.reporters.html.escape import Html, joined, prose, tag
from dagproof.reporters.html.parts import (
    SEVERITIES,
    fold,
    marked,
    more,
    place,
    pre,
    room,
    section,
)
from dagproof.reporters.words import codes, count, is_step, sentence

_SHOWN: Final = 3_000
_RANK: Final = {one: at for at, one in enumerate(Severity)}

_BEFORE: Final = 60
_AFTER: Final = 140
"""Characters of a source line that are shown before and from where a span begins."""

_STEPS: Final = 12
_SHORT: Final = 8
"""Lines of a detail that are shown without being asked for."""


def findings(report: Report) -> Html:
    """Return the part of the page that lists findings, with the controls that choose among them."""
    ranked = sorted(report.findings, key=_urgency)[:_SHOWN]
    chosen = {id(finding) for finding in ranked}
    shown = [finding for finding in report.findings if id(finding) in chosen]
    by_file: dict[str, list[Finding]] = {}
    for finding in shown:
        by_file.setdefault(finding.span.path, []).append(finding)
    limit = room(sum(bool(finding.detail) for finding in shown))
    unread = [
        tag("p", marked("✗", "bad", tag("code", error.path)), " ", prose(sentence(error.message)))
        for error in untold(report)
    ]
    return section(
        "findings",
        "Findings",
        counted(report.findings) or None,
        _controls(shown) if shown else None,
        *unread,
        *(_file(path, found, limit) for path, found in sorted(by_file.items(), key=_worst)),
        more(len(report.findings) - len(shown), "finding"),
    )


def counted(found: Iterable[Finding]) -> str:
    """Return how many findings there are of each severity, in words."""
    numbers = Counter(finding.severity for finding in found)
    return ", ".join(count(numbers[one], one) for one in Severity if numbers[one])


def _urgency(finding: Finding) -> tuple[int, bool]:
    return (_RANK[finding.severity], finding.new is False)


def _worst(file: tuple[str, Sequence[Finding]]) -> tuple[int, bool, str]:
    return (*min(map(_urgency, file[1])), file[0])


def _controls(shown: Sequence[Finding]) -> Html:
    """Return what chooses among findings; it is hidden where there is no JavaScript."""
    numbers = Counter(finding.severity for finding in shown)
    boxes = [
        _box(
            marked(*SEVERITIES[one], f"{one} ", tag("small", numbers[one])),
            SEVERITIES[one][1],
            name="severity",
        )
        for one in Severity
        if numbers[one]
    ]
    if any(finding.new for finding in shown) and any(finding.new is False for finding in shown):
        boxes.append(_box("only new", "new", name="new", checked=False))
    of_code = Counter((finding.code, finding.slug) for finding in shown)
    options = [
        tag("option", f"{code} {slug} ({number})", value=code)
        for (code, slug), number in sorted(of_code.items())
    ]
    search = tag(
        "input", type="search", id="filter", placeholder="Filter by path, code or text",
        autocomplete="off", spellcheck="false", aria_label="Filter findings",
        aria_keyshortcuts="/",
    )  # fmt: skip
    select = tag("select", tag("option", "every rule", value=""), *options, aria_label="Rule")
    keys = ("/", "filter"), ("j", "next"), ("k", "previous"), ("Esc", "clear")
    hints = joined((joined((tag("kbd", key), f" {what}")) for key, what in keys), " ")
    switch = tag("label", tag("input", type="checkbox", id="keys", checked=True), " keys:")
    told = tag("output", count(len(shown), "finding"), id="shown", aria_live="polite")
    return tag(
        "form", search, select, *boxes, told, tag("span", switch, " ", hints, class_="keys"),
        class_="controls", id="controls", hidden=True, role="search",
    )  # fmt: skip


def _box(label: Html | str, value: str, *, name: str, checked: bool = True) -> Html:
    box = tag("input", type="checkbox", name=name, value=value, checked=checked)
    return tag("label", box, " ", label)


def _file(path: str, found: Sequence[Finding], limit: int) -> Html:
    summary = joined((tag("h3", tag("code", path)), tag("small", counted(found))), " ")
    return fold(summary, *(_finding(one, limit) for one in found), unfolded=True, kind="file")


def _finding(finding: Finding, limit: int) -> Html:
    span = finding.span
    sign, kind = SEVERITIES[finding.severity]
    news = {True: "new", False: "known", None: None}[finding.new]
    where = f"{span.line}:{span.column}"
    head = (
        marked(sign, kind, str(finding.severity)),
        tag("a", codes(finding), href=f"#{finding.code}"),
        tag("span", finding.slug, class_="slug"),
        tag("span", news, class_=f"badge {news}" if news == "new" else "badge") if news else None,
        tag("span", where, class_="place"),
    )
    return tag(
        "article",
        tag("p", joined(head, " ")),
        tag("p", prose(finding.message), class_="said"),
        _excerpt(finding.excerpt, span) if finding.excerpt.strip() else None,
        _chain(finding.related) if finding.related else None,
        _detail(finding.detail, limit) if finding.detail.strip() else None,
        tag("p", tag("b", "Fix"), " ", prose(finding.fix), class_="fix") if finding.fix else None,
        class_=f"finding {kind}",
        tabindex=-1,
        data_code=finding.code,
        data_known=finding.new is False,
    )


def _excerpt(line: str, span: Span) -> Html:
    at = min(span.column - 1, len(line))
    until = span.end_column - 1 if span.end_line == span.line else len(line.rstrip())
    until = min(max(until, at + 1), at + _AFTER)
    first, last = max(0, at - _BEFORE), at + _AFTER
    return tag(
        "pre",
        tag("i", span.line),
        "…" if first else None,
        line[first:at],
        tag("mark", line[at:until] or " "),
        line[until:last],
        "…" if last < len(line) else None,
        class_="excerpt",
    )


def _chain(related: Sequence[Related]) -> Html:
    steps = [
        tag(
            "li",
            "reached from " if is_step(one) else "see ",
            place(one.span),
            ": ",
            prose(one.message, 600),
        )
        for one in related[:_STEPS]
    ]
    if len(related) > _STEPS:
        steps.append(tag("li", f"{count(len(related) - _STEPS, 'more step')}"))
    return tag("ol", *steps, class_="chain")


def _detail(text: str, limit: int) -> Html:
    short = text.count("\n") < _SHORT
    return pre(text, limit) if short else fold("Detail", pre(text, limit))
