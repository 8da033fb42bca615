"""Asks the rules that look at a whole repository."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dagproof.config import Settings
from dagproof.lint.entries import show
from dagproof.model import Finding, Rule, UsageError
from dagproof.rules import REPOSITORY, manifest
from dagproof.rules.reader import Record
from dagproof.rules.repository import Repository


def findings(
    settings: Settings, paths: Sequence[Path], records: Sequence[Record], rules: Sequence[Rule[Any]]
) -> Iterator[Finding]:
    """Yield what is wrong between the modules of a repository.

    Args:
        settings: of the repository.
        paths: what was asked for; nothing is everything.
        records: what the modules that were read say.
        rules: those that are looked for.

    Raises:
        UsageError: a manifest is missing or wrong.
        UnavailableError: a manifest is YAML, and PyYAML is not installed.
    """
    repository = Repository(
        facts={record.shown: record.facts for record in records if record.facts is not None},
        declared=manifest.read(tuple(_manifests(settings))),
        complete=_covers(settings, paths),
        roots=tuple(show(folder) for folder in settings.dags if folder.is_dir()),
    )
    for rule in REPOSITORY:
        for hit in rule.check(repository) if rule in rules else ():
            yield Finding(
                rule.code, rule.slug, rule.severity, rule.kind, hit.message, rule.fix, hit.span,
                repository.excerpt(hit.span), hit.related, hit.edits,
            )  # fmt: skip


def _manifests(settings: Settings) -> Iterator[Path]:
    for pattern in settings.manifests:
        found = sorted(path for path in settings.root.glob(pattern) if path.is_file())
        if not found:
            raise UsageError(
                f"`tool.dagproof.manifests` names {pattern!r}, and there is no such file below "
                f"{settings.root}; name the files that declare pools, connections and variables."
            )
        yield from found


def _covers(settings: Settings, paths: Sequence[Path]) -> bool:
    """Say whether all DAG files of the repository are among what was asked for."""
    asked = [path.resolve() for path in paths]
    needed = [folder for folder in settings.dags if folder.is_dir()] or [settings.root]
    return not asked or all(
        any(folder == path or path in folder.parents for path in asked) for folder in needed
    )
