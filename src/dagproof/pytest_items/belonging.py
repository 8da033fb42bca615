"""Whose a finding is: the items of one DAG file, or those of the whole repository."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.model import Finding, ImportTrace, Span
from dagproof.reporters.words import is_step

REPOSITORY: Final = ""
"""In place of a path: no DAG file's."""


@dataclass(frozen=True, slots=True)
class Selection:
    """Which items are there to tell what is found; all paths are absolute.

    Attributes:
        directory: where the user stands, without links: relative paths of findings begin there.
        known: every DAG file of the repository.
        files: the DAG files that have items which run.
        repository: whether items of the repository run.
    """

    directory: Path
    known: frozenset[Path]
    files: frozenset[Path]
    repository: bool

    @property
    def asked(self) -> tuple[Path, ...]:
        """What to look at; nothing is everything."""
        return () if self.repository else tuple(sorted(self.files))

    def dag_file(self, shown: str) -> Path | None:
        """Return the DAG file that a path of a finding is, or the archive that it lies in."""
        path = self.directory / shown
        return next((one for one in (path, *path.parents) if one in self.known), None)


def owner(finding: Finding, traces: Sequence[ImportTrace], selection: Selection) -> str | None:
    """Return the DAG file whose items tell a finding; None where nobody asked for it.

    It is the file from which the place is reached, and the repository where there is none, or
    several are to blame. A finding of a file whose items do not run is dropped, unless it lies in
    a helper that others may use, too.

    Args:
        finding: with paths as they are shown.
        traces: what was seen, for findings without a way to them.
        selection: the items.
    """
    own = selection.dag_file(finding.span.path)
    first = _reached_from(finding, traces, selection) or own
    if not selection.repository:
        mine = [one for one in (first, own) if one in selection.files]
        return str((mine or sorted(selection.files))[0])
    if first is None or _spread(finding, own, selection):
        return REPOSITORY
    if first in selection.files:
        return str(first)
    return None if first == own or not selection.files else REPOSITORY


def _reached_from(
    finding: Finding, traces: Sequence[ImportTrace], selection: Selection
) -> Path | None:
    if finding.related and is_step(finding.related[0]):
        return selection.dag_file(finding.related[0].span.path)
    if selection.dag_file(finding.span.path) is not None:
        return None
    seen = (trace.path for trace in traces if finding.span in _places(trace))
    return next(filter(None, map(selection.dag_file, seen)), None)


def _spread(finding: Finding, own: Path | None, selection: Selection) -> bool:
    """Say whether a finding points at another DAG file, which may be the one to mend."""
    others = (selection.dag_file(one.span.path) for one in finding.related if not is_step(one))
    return any(other is not None and other != own for other in others)


def _places(trace: ImportTrace) -> Iterator[Span]:
    yield from trace.spans.values()
    yield from (module.span for module in trace.modules if module.span is not None)
    yield from (effect.span for effect in trace.effects)
    yield from (failure.span for failure in (*trace.errors, *trace.unserializable))
    yield from (leak.span for leak in trace.leaks)
    if trace.crash is not None:
        yield trace.crash.span
