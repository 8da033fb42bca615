"""Glob patterns as .gitignore writes them, compiled to a few regular expressions.

The package pathspec does the same, but importing it costs as long as reading 500 DAG files.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import Final

SPECIAL_CLASS: Final = re.compile(r"\[(\^|!)?(\]?(?:\\.|\[:\w+:\]|[^\]\\])*)\]", re.DOTALL)
UNPADDED: Final = re.compile(r"((?:\\.|[^\\])*?)\s*", re.DOTALL)
NAMED_CLASSES: Final = {
    "[:alnum:]": "a-zA-Z0-9",
    "[:alpha:]": "a-zA-Z",
    "[:digit:]": "0-9",
    "[:lower:]": "a-z",
    "[:space:]": r"\s",
    "[:upper:]": "A-Z",
    "[:xdigit:]": "0-9a-fA-F",
}


@dataclass(frozen=True, slots=True)
class _Group:
    """Neighbouring patterns of one sign: for names at any depth, and for whole paths."""

    covers: bool
    names: re.Pattern[str] | None
    paths: re.Pattern[str] | None


@dataclass(frozen=True, slots=True)
class Globs:
    """Patterns in the order in which they were written; the last one that fits decides."""

    groups: tuple[_Group, ...]

    def verdict(self, name: str, path: str) -> bool | None:
        """Say whether the patterns cover a file or folder; None where none of them fits.

        Args:
            name: its last part; a folder ends in a slash.
            path: relative to where the patterns were written, or absolute for anything outside
                of there; a folder ends in a slash.
        """
        for group in reversed(self.groups):
            if group.names is not None and group.names.fullmatch(name):
                return group.covers
            if group.paths is not None and group.paths.fullmatch(path):
                return group.covers
        return None

    def cover(self, path: str) -> bool:
        """Say whether the patterns cover a relative path, or a folder that it lies in."""
        parts = path.split("/")
        for depth, name in enumerate(parts, 1):
            slash = "/" if depth < len(parts) else ""
            if self.verdict(name + slash, "/".join(parts[:depth]) + slash):
                return True
        return False


def compile_globs(lines: Iterable[str], *, deep: bool = False) -> Globs:
    """Compile patterns; comments, empty lines and patterns that can match nothing are left out.

    Args:
        lines: one pattern each.
        deep: as Airflow reads them: a pattern with a slash inside fits what lies below its folders
            too, so that bringing a folder back does not bring that back.
    """
    patterns = [pattern for line in lines if (pattern := _pattern(line, deep=deep)) is not None]
    groups = groupby(patterns, key=lambda pattern: pattern[0])
    return Globs(tuple(_group(covers, list(same)) for covers, same in groups))


def _group(covers: bool, patterns: list[tuple[bool, bool, str]]) -> _Group:
    names = [regex for _, anchored, regex in patterns if not anchored]
    paths = [regex for _, anchored, regex in patterns if anchored]
    return _Group(covers, _any_of(names), _any_of(paths))


def _any_of(regexes: list[str]) -> re.Pattern[str] | None:
    return re.compile("|".join(regexes), re.DOTALL) if regexes else None


def _pattern(line: str, *, deep: bool) -> tuple[bool, bool, str] | None:
    """Return whether a line covers or uncovers, whether it is for whole paths, and its regex."""
    unpadded = UNPADDED.fullmatch(line)
    text = unpadded[1] if unpadded else ""
    if not text or text.startswith("#"):
        return None
    covers = not text.startswith("!")
    text = text.removeprefix("!")
    folder = text.endswith("/")
    body = text.removesuffix("/")
    anchored = "/" in body
    body = body.removeprefix("/")
    if not body:
        return None
    try:
        regex = "".join(_translated(body, deep=deep))
        re.compile(regex)
    except re.error:  # such as the range [z-a]; to git such a pattern matches nothing
        return None
    if deep and anchored:
        return covers, anchored, regex + ("/(?:.*/)?" if folder else "(?:/.*)?")
    return covers, anchored, regex + ("/" if folder else "/?")


def _translated(body: str, *, deep: bool) -> Iterator[str]:
    place = 0
    while place < len(body):
        rest = body[place:]
        at_start = place == 0 or body[place - 1] == "/"
        special = SPECIAL_CLASS.match(rest)
        if at_start and rest.startswith("**/"):
            yield "(?:.*/)?"
            place += 3
        elif at_start and rest == "**":
            yield ".*" if deep else ".+"
            place += 2
        elif rest[0] == "*":
            after = rest.lstrip("*")
            yield "[^/]+" if at_start and after[:1] in {"", "/"} else "[^/]*"
            place += len(rest) - len(after)
        elif rest[0] == "?":
            yield "[^/]"
            place += 1
        elif special:
            yield _class(special)
            place += special.end()
        elif rest == "\\" or rest[0] == "[":
            raise re.error("unfinished")
        else:
            escaped = rest[0] == "\\"
            yield re.escape(rest[1] if escaped else rest[0])
            place += 2 if escaped else 1


def _class(special: re.Match[str]) -> str:
    inner = special[2]
    for name, characters in NAMED_CLASSES.items():
        inner = inner.replace(name, characters)
    inner = inner.replace("[", r"\[").replace("&&", r"&\&").replace("||", r"|\|")
    inner = r"\]" + inner[1:] if inner.startswith("]") else inner
    return f"(?!/)[{'^' if special[1] else ''}{inner}]"
