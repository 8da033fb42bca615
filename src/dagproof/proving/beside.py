"""Puts what reading the source finds of the same promises beside what was tried."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from dagproof.config import Settings
from dagproof.lint import LintRequest, lint
from dagproof.model import DagproofError, Finding, Related
from dagproof.proving.request import ContractsRequest
from dagproof.verdict import twins
from dagproof.verdict.words import names

_USED: Final = "DP130"
"""How a callable uses a text that a template gives: nobody else looks into callables."""


def with_read(
    settings: Settings,
    request: ContractsRequest,
    proved: Sequence[Finding],
    paths: Iterable[str],
) -> tuple[Finding, ...]:
    """Tell each finding once: what was read and proved with both codes, and both places.

    Of what was only read, text that is used as a number is told, too.

    Args:
        settings: of the repository.
        request: what was asked.
        proved: findings of what was tried, those that count.
        paths: of the files that were tried.
    """
    if request.is_narrow or request.select:
        return tuple(proved)
    read = [one for one in _read(settings, paths) if not _ignored(settings, request, one)]
    told, mates = [], set()
    for finding in proved:
        code = twins.PROVED.get(finding.code)
        found = twins.mate(finding, [one for one in read if one.code == code])
        if found is None:
            told.append(finding)
        else:
            mates.add((found.code, found.span))
            told.append(_joined(finding, found))
    told += [
        replace(one, edits=())  # nobody mends here
        for one in read
        if one.code == _USED and (one.code, one.span) not in mates
    ]
    return tuple(sorted(told, key=lambda finding: (finding.span, finding.code)))


def _joined(proved: Finding, read: Finding) -> Finding:
    places = proved.related
    if read.span != proved.span:
        places = (*places, Related(read.span, read.message))
    return replace(proved, also=(*proved.also, read.code), related=places)


def _read(settings: Settings, paths: Iterable[str]) -> Sequence[Finding]:
    files = [path for path in map(Path, paths) if path.suffix == ".py" and path.is_file()]
    if not files:
        return ()
    asked = LintRequest(paths=files, select=tuple(twins.PROVED.values()))
    try:
        return lint(replace(settings, baseline=None), asked).findings
    except DagproofError:
        return ()


def _ignored(settings: Settings, request: ContractsRequest, finding: Finding) -> bool:
    words = (*request.ignore, *settings.ignore)
    return any(names(word, finding.code, finding.slug) for word in words)
