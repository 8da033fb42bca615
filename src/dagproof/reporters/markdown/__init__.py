"""The report as a page of Markdown, for the summary of a GitHub job or a comment."""

from itertools import chain
from typing import Final

from dagproof.model import Report
from dagproof.reporters.markdown import changes, findings, measures, runs, verdict
from dagproof.reporters.markdown.blocks import page
from dagproof.reporters.markdown.links import NO_LINKS, Links, links_of

LIMIT: Final = 900_000
"""Bytes of a page. GitHub throws the whole summary of a step away where it has more than 1 MiB."""

_WHERE: Final = "`report.html` of the report folder has everything."


def render(report: Report, *, links: Links = NO_LINKS, limit: int = LIMIT) -> str:
    """Return the verdict first, then what there is to know, the most important first.

    Args:
        report: what there is to say.
        links: where the places of findings can be read.
        limit: bytes that the page may take; the least important parts are left out, and counted.
    """
    parts = (
        verdict.blocks(report),
        changes.blocks(report, links),
        findings.blocks(report, links),
        changes.diff_blocks(report.diffs),
        runs.blocks(report),
        measures.blocks(report),
    )
    return page(chain.from_iterable(parts), limit, _WHERE)


__all__ = ["LIMIT", "NO_LINKS", "Links", "links_of", "render"]
