"""What depends on what: files, and the statements and texts by which they lead to others."""

import os
import posixpath
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.impact.modules import Modules, SearchPath
from dagproof.impact.naming import Naming
from dagproof.impact.reading import told
from dagproof.impact.told import Import, Named, Told
from dagproof.impact.tree import Tree
from dagproof.model import Related, Span
from dagproof.source.file import SourceFile, parse

_DOTTED: Final = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)+")
_RUN: Final = re.compile(r"\s-m\s+([^\W\d][\w.]*)")
_WORDS: Final = re.compile(r"[\w./*{}$-]*[./][\w./*{}$-]+")
_PLAIN: Final = re.compile(r"[^\s`]{1,80}")
_TEXTS: Final = frozenset(
    {
        ".sql", ".hql", ".j2", ".jinja", ".jinja2", ".tmpl", ".tpl", ".sh", ".bash", ".yaml",
        ".yml", ".json", ".toml", ".ini", ".cfg", ".conf", ".xml",
    }
)  # fmt: skip
"""Endings of files that may name other files."""

_LARGEST: Final = 256 * 1024
"""Bytes of a file that may: what is larger is data."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One step: what a file leads to, and where it says so."""

    target: str
    step: Related


Edges = Mapping[str, Sequence[Edge]]


class Graph:
    """Reads files, each of them once, and says what they lead to.

    Args:
        tree: all files.
        modules: looks up imports.
        naming: looks up texts.
        read: gives the bytes of a file.
        show: gives a path as it is shown.
        entries: the DAG files.
    """

    def __init__(
        self,
        tree: Tree,
        modules: Modules,
        naming: Naming,
        *,
        read: Callable[[str], bytes],
        show: Callable[[str], str],
        entries: Collection[str],
    ) -> None:
        self._tree = tree
        self._modules = modules
        self._naming = naming
        self._read = read
        self._show = show
        self._entries = entries
        self._told: dict[str, Told] = {}
        self._edges: dict[tuple[str, SearchPath], Sequence[Edge]] = {}
        self._named: dict[str, tuple[Sequence[Edge], Sequence[Edge]]] = {}

    def closure(self, starts: Iterable[str], path: SearchPath) -> Edges:
        """Return the files that some files lead to, those among them, with what each leads to."""
        waiting = list(starts)
        found: dict[str, Sequence[Edge]] = {}
        while waiting:
            node = waiting.pop()
            if node not in found:
                found[node] = self.edges(node, path)
                waiting.extend(edge.target for edge in found[node])
        return found

    def told(self, node: str) -> Told:
        """Return what a file says; nothing where it is gone."""
        known = self._told.get(node)
        if known is None:
            known = self._told[node] = self._reading(node)
        return known

    def edges(self, node: str, path: SearchPath) -> Sequence[Edge]:
        """Return what a file surely leads to."""
        key = (node, path)
        if key not in self._edges:
            self._edges[key] = tuple(self._steps(node, path))
        return self._edges[key]

    def perhaps(self, node: str) -> Sequence[Edge]:
        """Return changed files that a file may name, by texts that say too little."""
        return self._texts(node)[1]

    def _steps(self, node: str, path: SearchPath) -> Iterator[Edge]:
        if node.endswith("/"):
            folder = node.rstrip("/")
            top = Related(Span(self._show(folder), 1, 1, 1, 1), "")
            yield from (Edge(one, top) for one in self._tree.data_below(folder))
            if node.endswith("//"):
                yield from (Edge(one, top) for one in self._tree.below(folder))
            return
        about = self.told(node)
        seen = {node}
        for statement in about.imports:
            for target in self._modules.files(path, node, statement):
                if target not in seen:
                    seen.add(target)
                    yield Edge(target, Related(statement.span, _imports(statement)))
        for named in about.names:
            for target in self._named_modules(node, path, named):
                if target not in seen:
                    seen.add(target)
                    yield Edge(target, Related(named.span, _names(named, target)))
        yield from self._texts(node)[0]

    def _named_modules(self, node: str, path: SearchPath, named: Named) -> Iterator[str]:
        """Yield the modules that a text names: `a.b`, and `b` of `python -m b`."""
        if _DOTTED.fullmatch(named.text):
            yield from self._modules.named(path, node, named.text)
        for run in _RUN.findall(named.text) if " -m " in named.text else ():
            yield from self._modules.files(path, node, Import(run, named.span, ("__main__",)))

    def _texts(self, node: str) -> tuple[Sequence[Edge], Sequence[Edge]]:
        if node not in self._named:
            self._named[node] = self._match(node)
        return self._named[node]

    def _match(self, node: str) -> tuple[Sequence[Edge], Sequence[Edge]]:
        about = self.told(node)
        folder, name = posixpath.split(node)
        sure: dict[str, Edge] = {}
        perhaps: dict[str, Edge] = {}
        for named in about.names:
            match = self._naming.match(named.text, folder, about.searched)
            for found, targets in ((sure, match.sure), (perhaps, match.perhaps)):
                for target in sorted(targets - {node}):
                    found.setdefault(
                        target, Edge(target, Related(named.span, _names(named, target)))
                    )
        if name == "__init__.py":
            for target, named in self._submodules(folder, about.names):
                sure.setdefault(target, Edge(target, Related(named.span, _names(named, target))))
        return tuple(sure.values()), tuple(perhaps.values())

    def _submodules(self, folder: str, names: Iterable[Named]) -> Iterator[tuple[str, Named]]:
        """Yield the modules of a package whose names are texts there: `__all__`, lazy imports."""
        here = self._tree.folder(folder)
        for named in names:
            name = named.text.lstrip(".")
            if here is not None and name in here.modules | here.folders:
                statement = Import("", named.span, (name,), 1)
                for target in self._modules.files(SearchPath(()), f"{folder}/_", statement):
                    yield target, named

    def _reading(self, node: str) -> Told:
        shown = self._show(node)
        if node.endswith("/"):
            return Told()
        try:
            if not node.endswith(".py"):
                return self._of_data(node, shown)
            data = self._read(node)
        except OSError as error:
            if not os.path.lexists(node):
                return Told()
            problem = SourceFile(Path(node), shown, b"", problem=f"{error.strerror}")
            return told(problem, entry=False, wanted=self._naming.may_name)
        source = parse(Path(node), shown, data)
        return told(source, entry=node in self._entries, wanted=self._naming.may_name)

    def _of_data(self, node: str, shown: str) -> Told:
        """Return the files that a template or the like names."""
        if (
            posixpath.splitext(node)[1].lower() not in _TEXTS
            or Path(node).stat().st_size > _LARGEST
        ):
            return Told()
        names: dict[str, Named] = {}
        text = self._read(node).decode("utf-8", "replace")
        for number, line in enumerate(text.split("\n"), 1):
            for word in _WORDS.finditer(line):
                start, end = word.span()
                span = Span(shown, number, start + 1, number, end + 1)
                names.setdefault(word[0], Named(word[0], span))
        return Told(names=tuple(names.values()))


def _imports(statement: Import) -> str:
    dots = "." * statement.level
    inside = f"{', '.join(statement.names)} of " if not statement.module else ""
    below = ".*" if statement.below else ""
    return f"imports `{inside}{dots}{statement.module}{below}`"


def _names(named: Named, target: str) -> str:
    text = named.text if _PLAIN.fullmatch(named.text) else posixpath.basename(target.rstrip("/"))
    return f"names `{text}`"


def nearest(graph: Edges, targets: Mapping[str, Edge | None]) -> Mapping[str, Edge | None]:
    """Return, for each file that leads to a target, the first step of a shortest way to one.

    Args:
        graph: what leads to what.
        targets: where ways may end, and one more step from there, if there is one.
    """
    used_by: dict[str, list[tuple[str, Edge]]] = {}
    for node, edges in graph.items():
        for edge in edges:
            used_by.setdefault(edge.target, []).append((node, edge))
    found: dict[str, Edge | None] = dict(targets)
    waiting = sorted(targets)
    while waiting:
        following = []
        for target in waiting:
            for node, edge in used_by.get(target, ()):
                if node not in found:
                    found[node] = edge
                    following.append(node)
        waiting = sorted(following)
    return found
