"""Asks the rules that look at a whole repository."""

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from dagproof.config import Settings
from dagproof.lint.entries import show
from dagproof.model import Finding, Rule, UsageError
from dagproof.rules import REPOSITORY, dp141_pickled_xcom, manifest
from dagproof.rules.dp123_missing_trigger_target import RULE as MISSING_TARGET
from dagproof.rules.reader import Record
from dagproof.rules.repository import Repository

_DEEPEST: Final = 2
"""Folders below the repository's own in which Airflow may be configured."""


def repository(settings: Settings, paths: Sequence[Path], records: Sequence[Record]) -> Repository:
    """Put together what the modules of a repository say.

    Args:
        settings: of the repository.
        paths: what was asked for; nothing is everything.
        records: what the modules that were read say.

    Raises:
        UsageError: a manifest is missing or wrong.
        UnavailableError: a manifest is YAML, and PyYAML is not installed.
    """
    return Repository(
        facts={record.shown: record.facts for record in records if record.facts is not None},
        declared=manifest.read(tuple(_manifests(settings))),
        complete=covers(settings, paths),
        roots=tuple(show(folder) for folder in settings.dags if folder.is_dir()),
    )


def findings(repository: Repository, rules: Sequence[Rule[Any]]) -> Iterator[Finding]:
    """Yield what is wrong between the modules of a repository, by the rules that look there."""
    for rule in REPOSITORY:
        for hit in rule.check(repository) if rule in rules else ():
            yield rule.finding(hit, repository.excerpt(hit.span))


def undecided(repository: Repository) -> frozenset[str]:
    """Return the codes of the rules that are silent because not enough is known."""
    return frozenset() if repository.dags_known else frozenset({MISSING_TARGET.code})


def configurations(settings: Settings, paths: Sequence[Path]) -> Iterator[Finding]:
    """Yield what is wrong with files that configure Airflow, if the whole repository is read."""
    if not covers(settings, paths):
        return
    rule = dp141_pickled_xcom.RULE
    for path in _files(settings.root, _DEEPEST):
        if not dp141_pickled_xcom.is_configuration(path):
            continue
        try:
            text = path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            continue
        lines = text.split("\n")
        for hit in dp141_pickled_xcom.check_text(show(path), text):
            yield rule.finding(hit, lines[hit.span.line - 1])


def _files(folder: Path, depth: int) -> Iterator[Path]:
    """Yield the files of a folder, and of the folders below it that are not hidden."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            if entry.is_file():
                yield Path(entry.path)
            elif depth and entry.name[0] != "." and entry.is_dir(follow_symlinks=False):
                yield from _files(Path(entry.path), depth - 1)


def _manifests(settings: Settings) -> Iterator[Path]:
    for pattern in settings.manifests:
        found = sorted(path for path in settings.root.glob(pattern) if path.is_file())
        if not found:
            raise UsageError(
                f"`tool.dagproof.manifests` names {pattern!r}, and there is no such file below "
                f"{settings.root}; name the files that declare pools, connections and variables."
            )
        yield from found


def covers(settings: Settings, paths: Sequence[Path]) -> bool:
    """Say whether all DAG files of the repository are among what was asked for."""
    asked = [path.resolve() for path in paths]
    needed = [folder for folder in settings.dags if folder.is_dir()] or [settings.root]
    return not asked or all(
        any(folder == path or path in folder.parents for path in asked) for folder in needed
    )
