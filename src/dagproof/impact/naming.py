"""Which files a text may name: by path, by name, by pattern, or by a folder above them."""

import posixpath
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from fnmatch import translate
from functools import lru_cache
from typing import Final

from dagproof.impact.kinds import IDLE_FOLDERS
from dagproof.impact.tree import Tree

_HOLES: Final = re.compile(r"\{\{.*?\}\}|\$?\{[^{}]*\}|%\(\w*\)s|%[sdr]|\$\w+|[\[\]?]")
"""What is put into a text before it is a path: of templates, of `format()`, of a shell."""

_WORD: Final = re.compile(r"[^\s'\"`;|&<>=,()@]+")
_LONGEST: Final = 4096
"""Characters of a path."""

_SCHEME: Final = re.compile(r"^(?:file:/{0,2}(?=/)|[a-z][a-z0-9+.-]+:/)", re.IGNORECASE)


@dataclass(slots=True)
class Match:
    """What a text may name: real paths, those of folders with a slash behind, or two for modules.

    Attributes:
        sure: what it names.
        perhaps: changed files of which it says too little, such as `*.sql` or the dags folder; they
            count where nothing says more.
    """

    sure: set[str] = field(default_factory=set)
    perhaps: set[str] = field(default_factory=set)


class Folders(Enum):
    """What a text means where it names a folder: nothing, its data, or its modules, too."""

    NONE = 0
    DATA = 1
    WHOLE = 2


@dataclass(frozen=True, slots=True)
class Said:
    """A path as a text has it.

    Attributes:
        parts: of the path, as far as they are known.
        folders: whether it may be a folder's.
        here: whether it is a whole path of this machine.
    """

    parts: tuple[str, ...]
    folders: Folders
    here: bool = False


class Naming:
    """Matches texts with files.

    Args:
        tree: all files.
        top: the folder of the repository.
        roots: folders whose own names say nothing, such as the dags folder.
        changed: files that have changed, or are gone.
    """

    def __init__(
        self, tree: Tree, top: str, roots: Collection[str], changed: Collection[str]
    ) -> None:
        self._tree = tree
        self._top = top
        self._roots = tuple(f"{root}/" for root in roots)
        self._depth = top.count("/")
        self._changed = sorted(changed)
        self._mute = {top, *roots, *(above for root in roots for above in _above(root))}
        self._folders: dict[str, list[str]] = {}
        for folder in tree.folders:
            if folder.startswith(f"{top}/"):
                self._folders.setdefault(posixpath.basename(folder), []).append(folder)
        self._endings: dict[str, list[str]] = {}
        for name in tree.by_name:
            self._endings.setdefault(posixpath.splitext(name)[1], []).append(name)
        self._fitting: dict[str, list[str]] = {}
        self._plain = {*tree.by_name, *tree.homes}

    def may_name(self, text: str) -> bool:
        """Say whether it is worth while to match a text: most are no names of anything."""
        return "." in text or "/" in text or " -m " in text or text in self._plain

    def match(self, text: str, folder: str, searched: Sequence[str] = ()) -> Match:
        """Return the files that a text may name.

        Args:
            text: as it stands in a file, `*` for what is not known.
            folder: of the file that it stands in.
            searched: folders of templates there, in which `*.sql` is no riddle.
        """
        found = Match()
        worth = len(text) <= _LONGEST and self.may_name(text)
        for said in _texts(text, self._top) if worth else ():
            if "*" in said.parts[-1]:
                self._take_pattern(found, said, folder, searched)
            else:
                every = self._tree.by_name.get(said.parts[-1], ())
                found.sure.update(path for path in every if self._agree(said, path))
                if said.folders is not Folders.NONE:
                    self._take_folders(found, said, folder)
        found.perhaps -= found.sure
        return found

    def _take_folders(self, found: Match, said: Said, folder: str) -> None:
        """Take the folders that a text names."""
        for one in self._folders.get(said.parts[-1], ()) if said.parts else ():
            if not self._agree(said, one) or not (len(said.parts) > 1 or self._near(one, folder)):
                continue
            if one in self._mute:
                found.perhaps.update(path for path in self._changed if path.startswith(f"{one}/"))
            else:
                whole = said.folders is Folders.WHOLE and not f"{folder}/".startswith(f"{one}/")
                found.sure.add(f"{one}//" if whole else f"{one}/")

    def _near(self, path: str, folder: str) -> bool:
        """Say whether a word alone may mean a folder: one in a root, or beside what says it."""
        above = posixpath.dirname(path)
        return path.startswith(self._roots) or f"{folder}/".startswith(f"{above}/")

    def _take_pattern(self, found: Match, said: Said, folder: str, searched: Sequence[str]) -> None:
        """Take the files that a pattern fits; `*.sql` alone says much only of what is near."""
        name = said.parts[-1]
        if name == "*" and len(said.parts) > 1:
            above = [part for part in said.parts[:-1] if part != "**"]
            self._take_folders(
                found, replace(said, parts=tuple(above), folders=Folders.DATA), folder
            )
            return
        if _says(posixpath.splitext(name)[0]) or any(map(_says, said.parts[:-1])):
            for one in self._fit_names(name):
                every = self._tree.by_name.get(one, ())
                found.sure.update(path for path in every if self._agree(said, path))
            return
        near = (folder, *(place for text in searched for place in self._places(text)))
        for path in self._changed:
            if _same(posixpath.basename(path), name):
                is_near = path.startswith(tuple(f"{place}/" for place in near))
                (found.sure if is_near else found.perhaps).add(path)

    def _agree(self, said: Said, path: str) -> bool:
        """Say whether a path ends as a text does, as far as the repository goes."""
        have = path.split("/")[1:]
        if said.here:
            return _fit(have, said.parts)
        if not IDLE_FOLDERS.isdisjoint(have[self._depth :]) and IDLE_FOLDERS.isdisjoint(said.parts):
            return False
        if "**" in said.parts:
            return _fit(have, ("**", *said.parts))
        parts = said.parts
        if "*" not in parts[-1] and path.startswith(f"{self._top}/"):
            inside = have[self._depth :]
            parts = parts[-len(inside) :]  # what is above the repository is not known
        return _fit(have[-len(parts) :], parts)

    def _fit_names(self, pattern: str) -> Sequence[str]:
        """Return the names that a pattern fits; without an ending, of changed files alone."""
        known = self._fitting.get(pattern)
        if known is None:
            ending = posixpath.splitext(pattern)[1]
            if ending and "*" not in ending:
                names: Iterable[str] = self._endings.get(ending, ())
            else:
                names = dict.fromkeys(map(posixpath.basename, self._changed))
            known = self._fitting[pattern] = [name for name in names if _same(name, pattern)]
        return known

    def _places(self, text: str) -> Iterator[str]:
        """Yield the folders that a text names."""
        for said in _texts(text, self._top):
            for folder in self._folders.get(said.parts[-1], ()):
                if self._agree(said, folder):
                    yield folder


def _texts(text: str, top: str) -> Iterator[Said]:
    """Yield what a text says as a whole, and what its words say that look like paths."""
    plain = _HOLES.sub("*", text).strip()
    if _says(plain):
        if not re.search(r"\s", plain):
            yield from _said(plain, top, whole=True)
        for word in _WORD.findall(plain):
            if word != plain and ("/" in word or "." in word.strip(".")) and _says(word):
                yield from _said(word.rstrip(".:"), top, whole=False)


def _said(text: str, top: str, *, whole: bool) -> Iterator[Said]:
    text = text.replace("\\", "/")
    scheme = _SCHEME.match(text)
    if scheme is not None and not scheme[0].lower().startswith("file:"):
        parts = text[scheme.end() :].split("/")[-2:]
        if "://" in text and all(map(_says, parts)) and len(parts) > 1 and "*" not in parts[-1]:
            yield Said(tuple(parts), Folders.NONE)  # as it may have been put there
        return
    text = text[scheme.end() :] if scheme is not None else text
    if text.startswith("/"):
        yield from _absolute(posixpath.normpath(text), top, whole=whole)
        return
    parts = [part for part in text.split("/") if part not in {"", "."}]
    begins = bool(parts) and parts[0] != "*" and "/" in text
    if ".." in parts:
        parts = parts[len(parts) - parts[::-1].index("..") :]
    while parts and parts[0] in {"*", "~"}:
        del parts[0]
    if not parts:
        return
    if len(parts) == 1 and parts[0][0] == "." and parts[0].count(".") == 1:
        parts = [f"*{parts[0]}"]
    named = whole or len(parts) > 1 or text[0] == "~"
    folders = (Folders.WHOLE if begins else Folders.DATA) if named else Folders.NONE
    yield Said(tuple(parts), folders)


def _absolute(text: str, top: str, *, whole: bool) -> Iterator[Said]:
    """Yield what an absolute path says, of this machine or of a container."""
    parts = tuple(text.split("/")[1:])
    if text.startswith(f"{top}/"):
        yield Said(parts, Folders.WHOLE, here=True)
    elif parts[-1]:
        known = parts[-2:] if "*" in parts[-1] else parts[-1:]
        if any(map(_says, known)):
            yield Said(known, Folders.WHOLE if whole else Folders.NONE)


def _says(text: str) -> bool:
    return any(map(str.isalnum, text))


def _fit(have: Sequence[str], parts: Sequence[str]) -> bool:
    if "**" not in parts:
        return len(have) == len(parts) and all(map(_same, have, parts))
    place = parts.index("**")
    before, after = parts[:place], parts[place + 1 :]
    if not _fit(have[:place], before):
        return False
    return any(_fit(have[start:], after) for start in range(place, len(have) + 1))


def _same(name: str, pattern: str) -> bool:
    return name == pattern or ("*" in pattern and _compiled(pattern).fullmatch(name) is not None)


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(translate(re.sub(r"\*+", "*", pattern)))


def _above(path: str) -> Iterator[str]:
    folder = posixpath.dirname(path)
    while folder not in {"", "/"}:
        yield folder
        folder = posixpath.dirname(folder)
