"""Which rules are looked for, and how much what they find weighs where it was found."""

import dataclasses
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from dagproof.model import Finding, Rule, Severity
from dagproof.source.globs import Globs, compile_globs
from dagproof.verdict.words import names, precision, refuse_unknown


def select(
    rules: Sequence[Rule[Any]],
    *,
    select: Sequence[str] = (),
    ignore: Sequence[str] = (),
    extend: Sequence[str] = (),
    where: tuple[str, str] = ("--select", "--ignore"),
) -> tuple[Rule[Any], ...]:
    """Return the rules to look for, in the order given.

    The narrowest word that names a rule decides; between equally narrow ones `ignore` wins. So
    `select=["DP1"], ignore=["DP12"]` leaves DP120 out, and `select=["DP120"]` beside them brings
    it back.

    Args:
        rules: all that there are, of every hundred.
        select: codes, beginnings of codes, slugs, ALL; without any, the rules that are on.
        ignore: the same.
        extend: the same, of rules that are looked for beside those.
        where: the option or key that each of the two comes from.

    Raises:
        UsageError: a word names no rule.
    """
    refuse_unknown(select, rules, where=where[0])
    refuse_unknown(ignore, rules, where=where[1])
    refuse_unknown(extend, rules, where="--extend-select")
    return tuple(rule for rule in rules if _wanted(rule, select, ignore, extend))


Words = tuple[Sequence[str], Sequence[str], Sequence[str]]
"""What is selected, ignored, and selected beside the others."""

_OPTIONS: Final = ("select", "ignore", "extend-select")


def select_asked(rules: Sequence[Rule[Any]], *, asked: Words, said: Words) -> tuple[Rule[Any], ...]:
    """Return the rules that a command is to look for; its `--select` replaces that of the settings.

    Args:
        rules: all that there are, of every hundred.
        asked: the options of the command.
        said: the keys of `[tool.dagproof]`.

    Raises:
        UsageError: a word names no rule.
    """
    for prefix, given in (("--", asked), ("tool.dagproof.", said)):
        for option, words in zip(_OPTIONS, given, strict=True):
            refuse_unknown(words, rules, where=f"{prefix}{option}")
    selected, ignored, extended = asked
    return select(
        rules,
        select=selected or said[0],
        ignore=(*ignored, *(() if selected else said[1])),
        extend=(*extended, *said[2]),
    )


def settle(
    findings: Sequence[Finding],
    *,
    per_file_ignores: Mapping[str, Sequence[str]],
    severity: Mapping[str, str],
    root: Path,
    rules: Sequence[Rule[Any]],
) -> tuple[Finding, ...]:
    """Drop findings that a file may have, and weigh the others as the repository wants it.

    Args:
        findings: with paths as they are shown.
        per_file_ignores: words that name rules by glob, relative to `root`, as in `.gitignore`.
        severity: `error`, `warning` or `note` by word; the narrowest word decides.
        root: the folder of the repository.
        rules: all that there are, of every hundred.

    Raises:
        UsageError: a word names no rule.
    """
    for glob, words in per_file_ignores.items():
        refuse_unknown(words, rules, where=f"tool.dagproof.per-file-ignores.{glob!r}")
    refuse_unknown(severity, rules, where="tool.dagproof.severity")
    allowed = [(compile_globs([glob]), words) for glob, words in per_file_ignores.items()]
    return tuple(
        _weighed(finding, severity) for finding in findings if not _allowed(finding, allowed, root)
    )


def _wanted(
    rule: Rule[Any], select: Sequence[str], ignore: Sequence[str], extend: Sequence[str]
) -> bool:
    selected = _precision(rule, select) if select else 0 if rule.on else -1
    selected = max(selected, _precision(rule, extend))
    return selected >= 0 and selected > _precision(rule, ignore)


def _precision(rule: Rule[Any], words: Sequence[str]) -> int:
    """Return how narrow the narrowest word is that names a rule; -1 where none does."""
    return max((precision(word) for word in words if names(word, rule.code, rule.slug)), default=-1)


def _weighed(finding: Finding, severity: Mapping[str, str]) -> Finding:
    words = [word for word in severity if names(word, finding.code, finding.slug)]
    if not words:
        return finding
    return dataclasses.replace(finding, severity=Severity(severity[max(words, key=precision)]))


def _allowed(finding: Finding, allowed: Sequence[tuple[Globs, Sequence[str]]], root: Path) -> bool:
    if not allowed:
        return False
    path = os.path.relpath(finding.span.path, root)
    return any(
        globs.cover(path) and any(names(word, finding.code, finding.slug) for word in words)
        for globs, words in allowed
    )
