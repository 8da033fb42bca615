"""Reads modules of a repository, each of them once, and writes down what the rules find."""

import ast
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagproof.model import Finding, Hit, Related, Rule, Span
from dagproof.rules.definitions import name_node
from dagproof.rules.dp100_unreadable_file import RULE as UNREADABLE
from dagproof.rules.entry_points import LIBRARIES, watched
from dagproof.rules.facts import Facts, facts
from dagproof.rules.reading import Reading
from dagproof.source.comments import Ignore, ignores
from dagproof.source.file import SourceFile, parse
from dagproof.source.interpreter import Interpreter
from dagproof.source.modules import Finder, Place
from dagproof.source.values import Function, Unit

Lookups = Mapping[tuple[Path, str], tuple[Place, ...]]


@dataclass(frozen=True, slots=True)
class Record:
    """What one module says: plain data that can be kept.

    Attributes:
        shown: its path as findings show it.
        digest: of its bytes; empty if the record is not to be kept.
        imported: whether it is only there because a DAG file imports it.
        findings: what the rules found in it, or in functions that it calls when it is imported.
        imports: the modules of the repository that it imports, with the way to the statement.
        lookups: where the modules were that it asked for; elsewhere, it says something else.
        dags_called: the names of `@dag` functions of other modules that it calls.
        facts: what it tells the other modules, if a rule asks.
        ignores: its comments that ask for findings to be left out.
        problem: why it is no Python, else None.
    """

    shown: str
    digest: bytes
    imported: bool
    findings: tuple[Finding, ...]
    imports: tuple[tuple[Path, tuple[Related, ...]], ...]
    lookups: Lookups
    dags_called: frozenset[Span]
    facts: Facts | None
    ignores: tuple[Ignore, ...]
    problem: str | None


def digest(data: bytes) -> bytes:
    """Return what tells the contents of two files apart."""
    import hashlib

    return hashlib.blake2b(data, digest_size=16).digest()


class Reader:
    """Reads modules; what it has read it keeps as records.

    Args:
        roots: the folders that Airflow imports from.
        top: the folder of the repository.
        read: gives the bytes of a file.
        show: gives the path of a file as findings show it.
        rules: those to look for.
        entries: the files that Airflow imports by itself.
        names: whether facts hold names of pools and the like; None for no facts at all.
        keep: whether the records are to be kept for another run.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        top: Path,
        *,
        read: Callable[[Path], bytes],
        show: Callable[[Path], str],
        rules: Sequence[Rule[Reading]],
        entries: Collection[Path],
        names: bool | None,
        keep: bool,
    ) -> None:
        self.finder = Finder(roots, top, LIBRARIES)
        self.records: dict[Path, Record] = {}
        self._interpreter = Interpreter(self.finder, self._parse, watched)
        self._read = read
        self._show = show
        self._rules = rules
        self._entries = entries
        self._names = names
        self._keep = keep
        self._folders: dict[Path, Path] = {}  # one object each: that makes records small
        self._sources: dict[str, SourceFile] = {}

    def read(self, path: Path) -> None:
        """Read a module, and the modules of the repository that it imports."""
        if path in self.records:
            return
        waiting = [self._interpreter.module(path)]
        seen = set(waiting)
        while waiting:
            unit = waiting.pop()
            for event in unit.events:
                if event.unit is not None and event.unit not in seen:
                    seen.add(event.unit)
                    waiting.append(event.unit)
            if unit.source is not None and unit.source.path not in self.records:
                self.records[unit.source.path] = self._record(unit, unit.source)
        self._interpreter.forget(path)
        self._sources.pop(self._show(path), None)

    def _record(self, unit: Unit, source: SourceFile) -> Record:
        reading = Reading(unit, source, imported=source.path not in self._entries)
        return Record(
            shown=source.shown,
            digest=digest(source.data) if self._keep else b"",
            imported=reading.imported,
            findings=tuple(
                finding for rule in self._rules for finding in self._findings(rule, reading)
            ),
            imports=tuple(_imports(unit)),
            lookups={
                (self._folders.setdefault(folder, folder), name): places
                for (folder, name), places in unit.found.items()
            },
            dags_called=frozenset(_dags_called(unit)),
            facts=self._facts(reading),
            ignores=ignores(source.text) if b"dagproof:" in source.data else (),
            problem=source.problem,
        )

    def _facts(self, reading: Reading) -> Facts | None:
        try:
            return None if self._names is None else facts(reading, names=self._names)
        except RecursionError:  # DP100 tells: what cannot be looked through cannot be followed
            return None

    def _findings(self, rule: Rule[Reading], reading: Reading) -> Iterator[Finding]:
        """Yield what a rule finds; one that stumbles over a file does not end the others."""
        try:
            for hit in rule.check(reading):
                yield self._finding(rule, hit)
        except Exception as error:  # noqa: BLE001 - whatever a rule of ours does wrong
            span = Span(reading.source.shown, 1, 1, 1, 1)
            yield self._finding(UNREADABLE, Hit(span, _stumbled(rule, error)))

    def _finding(self, rule: Rule[Any], hit: Hit) -> Finding:
        source = self._sources.get(hit.span.path)
        line = source.line(hit.span.line) if source is not None else ""
        return rule.finding(hit, line)

    def _parse(self, path: Path) -> SourceFile:
        shown = self._show(path)
        try:
            source = parse(path, shown, self._read(path))
        except OSError as error:
            source = SourceFile(path, shown, b"", problem=f"{error.strerror}")
        self._sources[shown] = source
        return source


def _stumbled(rule: Rule[Any], error: Exception) -> str:
    what = f"{type(error).__name__}: {error}".removesuffix(": ")
    return f"{rule.code} cannot look at this file, which is a defect of dagproof ({what})"


def _dags_called(unit: Unit) -> Iterator[Span]:
    for event in unit.events:
        if event.name[:4] == "@dag" and isinstance(event.callee, Function):
            node = event.callee.node
            if event.callee.source is not unit.source and not isinstance(node, ast.Lambda):
                yield event.callee.source.span(name_node(node))


def _imports(unit: Unit) -> Sequence[tuple[Path, tuple[Related, ...]]]:
    found: dict[Path, tuple[Related, ...]] = {}
    for event in unit.events:
        if event.unit is not None and event.unit.source is not None:
            way = [Related(source.span(node), "called here") for source, node in event.chain]
            way.append(Related(event.source.span(event.node), "imported here"))
            found.setdefault(event.unit.source.path, tuple(way))
    return tuple(found.items())
