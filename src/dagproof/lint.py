"""Composes reading: from paths to a report, without Airflow."""

import gc
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from dagproof.config import Settings
from dagproof.model import Finding, Hit, Report, Rule, Unread
from dagproof.rules import READING
from dagproof.rules.entry_points import LIBRARIES, watched
from dagproof.rules.reading import Reading
from dagproof.source.discovery import find_files, is_dag_file
from dagproof.source.file import SourceFile, parse
from dagproof.source.interpreter import Interpreter
from dagproof.source.modules import Finder
from dagproof.source.values import Frame, Unit

_YOUNG: Final = 50_000
"""Objects that are made before the garbage collector looks: trees are many objects, few cycles."""


@dataclass(frozen=True, slots=True)
class LintRequest:
    """What `dagproof lint` was asked.

    Attributes:
        paths: files and folders; none for the dags and plugins folders of the settings.
        select: words that name the rules to look for.
        ignore: words that name the rules not to look for.
        baseline: a file of known findings.
        write_baseline: write that file anew.
        cached: remember files that do not change.
        fix: make the changes that findings offer.
    """

    paths: Sequence[Path] = ()
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    baseline: Path | None = None
    write_baseline: bool = False
    cached: bool = True
    fix: bool = False


def lint(settings: Settings, request: LintRequest) -> Report:
    """Read files and say what is wrong with them.

    Raises:
        UsageError: a path does not exist, or a setting is wrong.
    """
    started = time.monotonic()
    gc.set_threshold(_YOUNG, 20, 100)
    paths = request.paths or [folder for folder in (*settings.dags, settings.plugins) if folder]
    found = find_files(paths, root=settings.root)
    named = {path.resolve() for path in request.paths if path.is_file()}
    reader = _Reader(settings)
    findings: list[Finding] = []
    count = 0
    for path in found.files:
        try:
            data = path.read_bytes()
        except OSError as error:
            reader.unread(path, f"it cannot be read: {error.strerror}")
            continue
        if path not in named and not is_dag_file(data) and not _is_plugin(settings, path):
            continue
        count += 1
        findings += reader.findings(path, data, READING)
    findings.sort(key=lambda finding: (finding.span, finding.code))
    return Report(
        findings=tuple(findings),
        rules=READING,
        files=count,
        errors=tuple(reader.errors),
        seconds=time.monotonic() - started,
    )


class _Reader:
    """Reads the modules of one repository, each of them once."""

    def __init__(self, settings: Settings) -> None:
        plugins = [settings.plugins] if settings.plugins else []
        roots = [*settings.dags, *plugins, *settings.pythonpath]
        self._finder = Finder(roots, settings.root, LIBRARIES)
        self._interpreter = Interpreter(self._finder, self._parse, watched)
        self._here = Path.cwd()
        self._told: set[Path] = set()
        self.errors: list[Unread] = []

    def findings(
        self, path: Path, data: bytes, rules: Iterable[Rule[Reading]]
    ) -> Iterator[Finding]:
        """Yield what is wrong with a file, and with the modules that it imports."""
        self._next = path, data
        unit = self._interpreter.module(path)
        for reading in _reached(unit):
            if reading.source.path in self._told:
                continue
            self._told.add(reading.source.path)
            if reading.source.problem is not None:
                self.errors.append(Unread(reading.source.shown, reading.source.problem))
            for rule in rules:
                for hit in rule.check(reading):
                    yield _finding(rule, hit, reading)
        self._interpreter.forget(path)

    def unread(self, path: Path, message: str) -> None:
        """Note a file that cannot be read."""
        self.errors.append(Unread(self._show(path), message))

    def _parse(self, path: Path) -> SourceFile:
        if self._next[0] == path:
            return parse(path, self._show(path), self._next[1])
        try:
            return parse(path, self._show(path), path.read_bytes())
        except OSError as error:
            return SourceFile(path, self._show(path), b"", problem=f"{error.strerror}")

    def _show(self, path: Path) -> str:
        try:
            return path.relative_to(self._here).as_posix()
        except ValueError:
            return path.as_posix()


def _reached(unit: Unit) -> Iterator[Reading]:
    """Yield a module and the modules of the repository that it imports, with the way to each."""
    seen = {unit}
    queue: deque[tuple[Unit, tuple[Frame, ...]]] = deque([(unit, ())])
    while queue:
        module, way = queue.popleft()
        if module.source is not None:
            yield Reading(module, module.source, way)
        for event in module.events:
            if event.unit is not None and event.unit not in seen:
                seen.add(event.unit)
                step = (event.source, event.node)
                queue.append((event.unit, (*way, *event.chain, step)))


def _finding(rule: Rule[Any], hit: Hit, reading: Reading) -> Finding:
    source = reading.source
    line = source.line(hit.span.line) if hit.span.path == source.shown else ""
    return Finding(
        rule.code, rule.slug, rule.severity, rule.kind, hit.message, rule.fix, hit.span, line,
        hit.related, hit.edits,
    )  # fmt: skip


def _is_plugin(settings: Settings, path: Path) -> bool:
    return settings.plugins is not None and settings.plugins in path.parents
