"""Puts the page together: one file that asks no network for anything."""

import base64
import hashlib
from importlib.resources import files
from typing import Final
from urllib.parse import quote

from dagproof.model import Report
from dagproof.reporters.html.contracts import contracts
from dagproof.reporters.html.diffs import diffs
from dagproof.reporters.html.escape import Html, joined, tag
from dagproof.reporters.html.findings import findings
from dagproof.reporters.html.head import head, verdict
from dagproof.reporters.html.imports import imports
from dagproof.reporters.html.rule_notes import rule_notes
from dagproof.reporters.html.runs import runs

_TABS: Final = {"ok": "#1a7f37", "bad": "#c0262d", "warn": "#8a5a00"}


def render(report: Report) -> str:
    """Return the report as an HTML document.

    It holds everything it needs, is readable without JavaScript, and a Content-Security-Policy
    keeps a browser from running or fetching anything else. Equal reports give equal documents.

    Args:
        report: what is told; whatever its texts hold, they stay texts.
    """
    style, script = (_asset(name) for name in ("style.css", "script.js"))
    sign, kind, word = verdict(report)
    sections = {
        "Findings": ("findings", findings(report)),
        "Runs": ("runs", runs(report)),
        "Changed DAGs": ("diff", diffs(report)),
        "Imports": ("imports", imports(report)),
        "Contracts": ("contracts", contracts(report)),
        "Rules": ("rules", rule_notes(report)),
    }
    links = [tag("a", name, href=f"#{at}") for name, (at, part) in sections.items() if part]
    document = tag(
        "html",
        tag(
            "head",
            tag("meta", charset="utf-8"),
            tag("meta", http_equiv="Content-Security-Policy", content=_policy(style, script)),
            tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
            tag("meta", name="color-scheme", content="light dark"),
            tag("meta", name="referrer", content="no-referrer"),
            tag("title", f"{sign} {word} · dagproof"),
            tag("link", rel="icon", href=_icon(sign, _TABS[kind])),
            tag("style", style),
        ),
        tag(
            "body",
            tag("a", "Skip to the findings", href="#main", class_="skip"),
            tag("nav", tag("b", "dagproof"), *links, aria_label="Parts of the report"),
            head(report),
            tag("main", *(part for _, part in sections.values()), id="main", tabindex=-1),
            tag("footer", "Made by dagproof. The same as data: report.json, report.sarif."),
            tag("script", script),
        ),
        lang="en",
    )
    return joined((Html("<!doctype html>\n"), document, "\n"))


def _asset(name: str) -> Html:
    """Return a file of this package as it is: a browser compares it with its digest."""
    return Html(files(__package__).joinpath(name).read_text(encoding="utf-8"))


def _policy(style: str, script: str) -> str:
    allowed = "; ".join(
        f"{kind}-src 'sha256-{_digest(text)}'"
        for kind, text in (("style", style), ("script", script))
    )
    return f"default-src 'none'; {allowed}; img-src data:; base-uri 'none'; form-action 'none'"


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _icon(sign: str, colour: str) -> str:
    """Return the picture that stands in a browser's tab."""
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">'
        f'<rect width="32" height="32" rx="7" fill="{colour}"/><text x="16" y="23" fill="#fff" '
        f'font-family="sans-serif" font-size="20" text-anchor="middle">{sign}</text></svg>'
    )
    return f"data:image/svg+xml,{quote(svg)}"
