"""Tells an offence once that was both read in the source, and seen or proved by example.

A code that was read and one that was seen are twins: DP102 says where a network call will happen,
DP202 that it did; DP130 where text is used as a number, DP303 with which conf that fails. A comment
that names one covers the other too; `ignore` and `per-file-ignores` hold for the code that they
name alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from dagproof.model import Finding, Severity, Span

EFFECTS: Final = {f"DP2{number:02}": f"DP1{number:02}" for number in range(1, 11)}
"""What the import does to the world: the code of what is seen, and of what is read."""

SLOW: Final = {"DP223": "DP112"}
"""The same for what the import costs."""

PROVED: Final = {
    "DP302": "DP135",
    "DP303": "DP130",
    "DP309": "DP131",
    "DP310": "DP122",
    "DP313": "DP140",
    "DP314": "DP142",
}
"""The same for what DAGs promise and do not keep."""

UNTOLD: Final = "; reading the source could not tell"
"""Ends the message of an effect that nobody read."""

_READ: Final = EFFECTS | SLOW | PROVED
_SEEN: Final = {read: seen for seen, read in _READ.items()}
_SEVERAL: Final = frozenset({"DP123", "DP224", "DP226", "DP227"}) | PROVED.keys()
"""Rules that may say several things of one place."""

_TELLING: Final = frozenset({*EFFECTS.values(), "DP113"})
"""Rules that read what a file does to the world; loading a model may be any of it."""

_GRAVEST_FIRST: Final = tuple(Severity)


def twin(code: str) -> str | None:
    """Return the code of the same offence by the other kind of evidence."""
    return _READ.get(code) or _SEEN.get(code)


def merge(
    read: Sequence[Finding],
    seen: Sequence[Finding],
    *,
    keep_read: bool = False,
    silenced: Sequence[Finding] = (),
) -> tuple[Finding, ...]:
    """Tell each finding once, in order of place and code.

    What was read and seen is the finding that was read, with the code of the other in `also`, what
    was seen below it, and the graver severity of the two. An effect that was only seen says so.

    Args:
        read: of DP1xx.
        seen: of DP2xx; those of one code and place, reached by several files, are one.
        keep_read: whether findings stay that were read and not seen.
        silenced: findings that were read and that comments or settings have taken away: where one
            was, the source did tell.
    """
    by_code: dict[str, list[Finding]] = {}
    for finding in read:
        by_code.setdefault(finding.code, []).append(finding)
    told: list[Finding] = []
    both: dict[int, tuple[Finding, list[Finding]]] = {}
    known = [finding for finding in (*read, *silenced) if finding.code in _TELLING]
    for finding in _once(seen):
        match = mate(finding, by_code.get(_READ.get(finding.code, ""), ()))
        if match is not None:
            both.setdefault(id(match), (match, []))[1].append(finding)
        elif finding.code in EFFECTS and not any(_touch(one, finding) for one in known):
            told.append(replace(finding, message=f"{finding.message}{UNTOLD}"))
        else:
            told.append(finding)
    told += [_joined(match, twins) for match, twins in both.values()]
    if keep_read:
        told += [finding for finding in read if id(finding) not in both]
    return tuple(sorted(told, key=lambda finding: (finding.span, finding.code)))


def _once(seen: Iterable[Finding]) -> Iterable[Finding]:
    """Return the findings without those that say the same, each by the shortest way to it."""
    found: dict[tuple[object, ...], Finding] = {}
    for finding in seen:
        several = finding.message if finding.code in _SEVERAL else ""
        place = (finding.code, finding.span, several)
        other = found.get(place)
        if other is None or len(finding.related) < len(other.related):
            found[place] = finding
    return found.values()


def mate(seen: Finding, candidates: Iterable[Finding]) -> Finding | None:
    """Return what was read at the place nearest to that of what was seen; None where nothing was.

    Args:
        seen: of DP2xx or DP3xx.
        candidates: of its twin.
    """
    alike = [read for read in candidates if _touch(read, seen)]
    return min(alike, key=lambda read: _distance(read, seen), default=None)


def _distance(read: Finding, seen: Finding) -> tuple[int, ...]:
    one, other = read.span, seen.span
    lines = one.end_line - one.line
    return (one != other, not _overlap(read, seen), one.line != other.line, lines)


def _touch(read: Finding, seen: Finding) -> bool:
    """Say whether they are at one place, or one is a step of the way to the other."""
    if _overlap(read, seen):
        return True
    if seen.code in PROVED:
        return any(_is_at(step.span, seen.span) for step in read.related)
    return seen.code in EFFECTS and (_leads(read, seen) or _leads(seen, read))


def _overlap(one: Finding, other: Finding) -> bool:
    return _is_at(one.span, other.span)


def _is_at(here: Span, there: Span) -> bool:
    return here.path == there.path and here.line <= there.end_line and there.line <= here.end_line


def _leads(one: Finding, other: Finding) -> bool:
    """Say whether the way to one goes over the line of the other."""
    place = (other.span.path, other.span.line)
    return any((step.span.path, step.span.line) == place for step in one.related)


def _joined(read: Finding, twins: Sequence[Finding]) -> Finding:
    also = tuple(dict.fromkeys((*read.also, *(finding.code for finding in twins))))
    texts = [read.detail, *(text for seen in twins for text in (seen.message, seen.detail))]
    severity = min((read, *twins), key=lambda finding: _GRAVEST_FIRST.index(finding.severity))
    return replace(
        read,
        also=also,
        severity=severity.severity,
        detail="\n".join(dict.fromkeys(text for text in texts if text)),
    )
