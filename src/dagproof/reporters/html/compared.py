"""What the page says of a change: with what it was compared, and what it can affect."""

from typing import Final

from dagproof.model import Affected, ChangedFile, Comparison, Impact, Report
from dagproof.reporters.html.escape import Html, joined, prose, tag
from dagproof.reporters.html.parts import MINUS, fold, marked, more, place, row, table
from dagproof.reporters.words import count

_FATES: Final = {"added": "+", "modified": "~", "deleted": MINUS, "renamed": "→"}
_SHOWN: Final = 400


def compared(report: Report, one: Comparison) -> Html:
    """Return with which state this one was compared, and which files differ.

    Args:
        report: knows the paths of some of them as they are shown.
        one: its comparison.
    """
    if one.unknown:
        return joined((marked("?", "warn", "nothing"), ": ", prose(one.unknown)))
    asked = tag("code", one.asked) if one.asked else None
    commit = tag("code", one.short, title=one.commit) if one.commit else None
    how = joined(("(", prose(one.how), ")")) if one.how else None
    files = f"{count(len(one.files), 'file')} {'differs' if len(one.files) == 1 else 'differ'}"
    line = joined((part for part in (asked, commit, how) if part), " ")
    if not one.files:
        return joined((line, ": nothing differs"))
    root = _root(report, one)
    listed = [_file(file, root) for file in one.files[:_SHOWN]]
    shown = tag("ul", *listed, class_="plain")
    return joined((line, fold(files, shown, more(len(one.files) - _SHOWN, "file"))))


def _root(report: Report, one: Comparison) -> str:
    """Return the folder below which paths are shown, with its slash; empty where none is known."""
    shown = {seen.path for seen in report.imports} | {found.span.path for found in report.findings}
    if report.impact:
        shown |= {path for each in report.impact.affected for path in (each.path, each.changed)}
        shown |= {*report.impact.idle}
    for file in one.files:
        for path in sorted(shown - {""}):
            if file.path.endswith(f"/{path}"):
                return file.path.removesuffix(path)
    return ""


def _file(file: ChangedFile, root: str) -> Html:
    paths = " ← ".join(path.removeprefix(root) for path in file.paths)
    return tag("li", tag("b", _FATES[file.fate]), f" {file.fate} ", tag("code", paths))


def affected(impact: Impact) -> Html:
    """Return which DAG files a change can affect, and how they hang together with it."""
    of_all = f"{len(impact.affected)} of {count(impact.total, 'DAG file')}"
    why = joined((": ", prose(impact.everything))) if impact.everything else None
    rows = [_affected(one) for one in impact.affected[:_SHOWN]]
    head = ("DAG file", "DAGs", "changed", "how they hang together")
    parts: list[Html | None] = [
        table("What the change can affect", head, rows) if rows else None,
        more(len(impact.affected) - _SHOWN, "DAG file"),
    ]
    if impact.idle:
        idle = joined((tag("code", path) for path in impact.idle[:_SHOWN]), ", ")
        parts.append(tag("p", "No DAG depends on ", idle, ".", class_="muted"))
    return joined((of_all, why, fold("Which, and why", *parts) if any(parts) else None))


def _affected(one: Affected) -> Html:
    steps = [tag("li", place(step.span), ": ", prose(step.message, 300)) for step in one.chain[:20]]
    chain = (
        fold(count(len(one.chain), "step"), tag("ol", *steps, class_="chain")) if steps else None
    )
    return row(
        tag("code", one.path),
        ", ".join(one.dag_ids),
        tag("code", one.changed) if one.changed else None,
        joined((prose(one.reason, 300), chain)),
    )
