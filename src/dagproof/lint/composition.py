"""Composes reading: files in, rules applied, a report out."""

import dataclasses
import gc
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dagproof.config import Settings
from dagproof.lint import across
from dagproof.lint.deep import with_deep_stack
from dagproof.lint.entries import Entries, show
from dagproof.model import Finding, Related, Report, Rule, Span, Unread
from dagproof.model.cache import cache_folder
from dagproof.rules import (
    COMMENTS,
    CONTRACTS,
    IMPORTS,
    READING,
    REPOSITORY,
    RULES,
    RUNS,
    surroundings,
)
from dagproof.rules.dp120_uncalled_dag import RULE as UNCALLED
from dagproof.rules.dp141_pickled_xcom import RULE as PICKLED
from dagproof.rules.reader import Reader, Record, digest
from dagproof.rules.repository import Repository
from dagproof.verdict import baseline, fixes
from dagproof.verdict.files import replace
from dagproof.verdict.inline import heed
from dagproof.verdict.known import Known
from dagproof.verdict.selection import select_asked, settle

_YOUNG: Final = 100_000
"""Objects that are made before the garbage collector looks: trees are many objects, few cycles."""

_FEW: Final = 20
"""Files that are read faster than a memory of the whole repository."""


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What `dagproof lint` was asked.

    Attributes:
        paths: files and folders; none for the dags and plugins folders of the settings.
        select: words that name the rules to look for.
        ignore: words that name the rules not to look for.
        extend_select: words that name rules to look for beside the others.
        baseline: a file of known findings.
        write_baseline: write that file anew.
        cached: remember files that do not change.
        fix: make the changes that findings offer.
    """

    paths: Sequence[Path] = ()
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    extend_select: Sequence[str] = ()
    baseline: Path | None = None
    write_baseline: bool = False
    cached: bool = True
    fix: bool = False


def lint(settings: Settings, request: LintRequest) -> Report:
    """Read files and say what is wrong with them.

    Raises:
        UsageError: a path does not exist, or a setting or a baseline is wrong.
        UnavailableError: there is no DAG file to read.
    """
    return with_deep_stack(lambda: _lint(settings, request))


def read_repository(settings: Settings, paths: Sequence[Path]) -> Repository:
    """Read files for what they tell each other, for somebody who knows more than reading does.

    Args:
        settings: of the repository.
        paths: files and folders; none for the dags and plugins folders of the settings.

    Raises:
        UsageError: a path does not exist, or a setting is wrong.
        UnavailableError: there is no DAG file to read.
    """

    def read() -> Repository:
        _prepare()
        entries = Entries(settings, paths)
        request = LintRequest(paths=paths, cached=False)
        records = _records(settings, request, entries, REPOSITORY)
        reached = [record for record, _ in _reached(entries.files, records)]
        return across.repository(settings, paths, reached)

    return with_deep_stack(read)


def _prepare() -> None:
    surroundings.forget()
    gc.freeze()
    gc.set_threshold(_YOUNG, 50, 1000)


def _lint(settings: Settings, request: LintRequest) -> Report:
    started = time.monotonic()
    _prepare()
    rules = _selected(settings, request)
    known = Known(settings.root, request.baseline, settings.baseline)
    before = None if request.write_baseline else known.entries()
    entries = Entries(settings, request.paths)
    records = _records(settings, request, entries, rules)
    reached = tuple(_reached(entries.files, records))
    found = [*entries.findings(), *_found(reached, entries.unread)]
    ran = frozenset(rule.code for rule in rules)
    if _asks_repository(rules):
        whole = across.repository(settings, request.paths, [one for one, _ in reached])
        found += across.findings(whole, rules)
        ran -= across.undecided(whole)
    if PICKLED in rules:
        found += across.configurations(settings, request.paths)
    findings = _judged(settings, found, reached, rules, ran)
    notes = []
    held_back = 0
    looked_at = {record.shown for record, _ in reached}
    if request.write_baseline:
        notes.append(known.write(findings, looked_at, ran))
        findings = ()
    if before is not None:
        held = baseline.hold_back(findings, before, settings.root, looked_at=looked_at, ran=ran)
        findings, held_back = held.new, held.held
        notes += held.notes(known.option)
    if request.fix:
        findings, more = _fixed(findings)
        notes += more
    return Report(
        findings=tuple(sorted(findings, key=lambda finding: (finding.span, finding.code))),
        rules=rules,
        files=len(reached) + len(entries.unread),
        errors=tuple(_errors(entries, reached)),
        notes=tuple(notes),
        held=held_back,
        seconds=time.monotonic() - started,
    )


def _selected(settings: Settings, request: LintRequest) -> tuple[Rule[Any], ...]:
    selected = select_asked(
        RULES,
        asked=(request.select, request.ignore, request.extend_select),
        said=(settings.select, settings.ignore, settings.extend_select),
    )
    return tuple(rule for rule in selected if rule not in (*IMPORTS, *CONTRACTS, *RUNS))


def _records(
    settings: Settings, request: LintRequest, entries: Entries, rules: Sequence[Rule[Any]]
) -> Mapping[Path, Record]:
    """Read the entries, or remember what they said when they were read last."""
    plugins = [settings.plugins] if settings.plugins else []
    roots = [*settings.dags, *plugins, *settings.pythonpath]
    files = frozenset(entries.files)
    remembers = request.cached and len(entries.files) > _FEW
    reader = Reader(
        roots,
        settings.root,
        read=entries.read,
        show=show,
        rules=[rule for rule in READING if rule in rules],
        entries=files,
        names=bool(settings.manifests) if _asks_repository(rules) else None,
        keep=remembers,
    )
    if remembers:
        codes = (rule.code for rule in rules)
        near = surroundings.state(files)
        key = (*roots, settings.root, Path.cwd(), settings.manifests, near, *codes)
        _remember(settings.root, key, reader, entries)
    else:
        for path in entries.files:
            reader.read(path)
    return reader.records


def _remember(root: Path, parts: Sequence[object], reader: Reader, entries: Entries) -> None:
    """Read what has changed since the last run."""
    from dagproof.rules import memory

    file = cache_folder(os.environ) / "lint" / f"{digest(os.fsencode(root)).hex()}.pickle"
    key = memory.key(parts)
    files = frozenset(entries.files)
    kept = memory.holding(memory.load(file, key), reader.finder, entries.read, files)
    reader.records = dict(kept)
    for path in entries.files:
        reader.read(path)
    if reader.records.keys() != kept.keys():
        memory.save(file, key, reader.records)


def _asks_repository(rules: Sequence[Rule[Any]]) -> bool:
    return any(rule in rules for rule in REPOSITORY)


def _reached(
    entries: Sequence[Path], records: Mapping[Path, Record]
) -> Iterator[tuple[Record, tuple[Related, ...]]]:
    """Yield what the entries say, and the modules that they import, with the way to each."""
    waiting: deque[tuple[Path, tuple[Related, ...]]] = deque((path, ()) for path in entries)
    seen = set(entries)
    while waiting:
        path, way = waiting.popleft()
        record = records[path]
        yield record, way
        for child, steps in record.imports:
            if child not in seen:
                seen.add(child)
                waiting.append((child, (*way, *steps)))


def _found(
    reached: Sequence[tuple[Record, tuple[Related, ...]]], told: Iterable[tuple[Path, str]]
) -> Iterator[Finding]:
    """Yield each finding once, by the shortest way that leads to it.

    Args:
        reached: what was read, with the ways.
        told: files that cannot be read, which has been said already.
    """
    unread = {show(path) for path, _ in told}
    called = frozenset[Span]().union(*(record.dags_called for record, _ in reached))
    seen = {(UNCALLED.code, span) for span in called}
    for record, way in reached:
        for finding in record.findings:
            place = (finding.code, finding.span)
            if place not in seen and finding.span.path not in unread:
                seen.add(place)
                related = (*way, *finding.related)
                yield dataclasses.replace(finding, related=related) if way else finding


def _judged(
    settings: Settings,
    findings: Sequence[Finding],
    reached: Sequence[tuple[Record, tuple[Related, ...]]],
    rules: Sequence[Rule[Any]],
    ran: frozenset[str],
) -> tuple[Finding, ...]:
    """Heed comments and settings."""
    left = heed(
        findings,
        {record.shown: record.ignores for record, _ in reached if record.ignores},
        rules=RULES,
        ran=ran,
        judges=[rule for rule in COMMENTS if rule in rules],
    )
    return settle(
        left,
        per_file_ignores=settings.per_file_ignores,
        severity=settings.severity,
        root=settings.root,
        rules=RULES,
    )


def _errors(
    entries: Entries, reached: Sequence[tuple[Record, tuple[Related, ...]]]
) -> Iterator[Unread]:
    for path, why in entries.unread:
        yield Unread(show(path), why)
    unread = {show(path) for path, _ in entries.unread}
    for record, _ in reached:
        if record.problem is not None and record.shown not in unread:
            yield Unread(record.shown, record.problem)


def _fixed(findings: Sequence[Finding]) -> tuple[tuple[Finding, ...], Sequence[str]]:
    """Make the changes that findings offer; return the findings that are left, and notes."""
    done = fixes.apply(findings, lambda path: Path(path).read_bytes())
    for path, data in done.contents.items():
        replace(Path(path), data)
    notes = [f"{error.path}: {error.message}" for error in done.refused]
    if done.mended:
        mended = counted(len(done.mended), "finding")
        notes.append(f"{mended} mended in {counted(len(done.contents), 'file')}.")
    gone = set(map(id, done.mended))
    return tuple(finding for finding in findings if id(finding) not in gone), notes


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the right form."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
