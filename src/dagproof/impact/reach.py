"""From DAG files to all that they lead to, each along the search path that it has."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from dagproof.impact.graph import Edge, Edges, Graph, nearest
from dagproof.impact.modules import SearchPath
from dagproof.impact.tree import Tree


@dataclass(frozen=True, slots=True)
class Way:
    """How a DAG file leads to a target.

    Attributes:
        steps: from the DAG file on; none where it is the target itself.
        target: the last file of the way.
    """

    steps: tuple[Edge, ...]
    target: str


class Reach:
    """Follows DAG files; those whose imports change `sys.path` along a path of their own.

    Args:
        graph: says what leads to what.
        tree: the files.
        dags: real paths of the DAG files.
        common: files that Airflow loads for every DAG.
        roots: folders that imports look in.
    """

    def __init__(
        self,
        graph: Graph,
        tree: Tree,
        dags: Sequence[str],
        common: Sequence[str],
        roots: Sequence[str],
    ) -> None:
        self._graph = graph
        self._tree = tree
        path = self._settled(common, SearchPath(tuple(roots)))
        self._loaded = tuple(common)
        self._common = graph.closure(common, path)
        plain = graph.closure(dags, path)
        wanderers = {node: None for node in plain if self._wanders(node)}
        led = nearest(plain, wanderers)
        wander = [dag for dag in dags if dag in led]
        groups: dict[SearchPath, list[str]] = {path: [one for one in dags if one not in led]}
        for dag in wander:
            groups.setdefault(self._settled([dag], path), []).append(dag)
        self._groups: list[tuple[list[str], Edges]] = [
            (members, graph.closure(members, path)) for path, members in groups.items() if members
        ]

    @property
    def nodes(self) -> Iterator[str]:
        """Every file that a DAG file leads to, some of them more than once."""
        for _, edges in self._groups:
            yield from edges

    def ways(self, targets: Mapping[str, Edge | None]) -> Mapping[str, Way]:
        """Return, for each DAG file that leads to a target, a shortest way.

        Args:
            targets: where ways may end, and one more step from there, if there is one.
        """
        found: dict[str, Way] = {}
        for members, edges in self._groups:
            first = nearest(edges, targets)
            for dag in members:
                if dag in first:
                    found[dag] = _way(dag, first)
        return found

    def way_of_common(self, targets: Iterable[str]) -> Way | None:
        """Return how a file that Airflow loads for every DAG leads to a target, if one does."""
        first = nearest(self._common, dict.fromkeys(targets))
        ways = [_way(node, first) for node in self._loaded if node in first]
        return min(ways, key=lambda way: len(way.steps), default=None)

    def _wanders(self, node: str) -> bool:
        about = self._graph.told(node)
        return about.wanders is not None or bool(about.added)

    def _settled(self, starts: Sequence[str], path: SearchPath) -> SearchPath:
        """Return the search path that some files have when all that they import has run."""
        while True:
            after = path
            for node in sorted(self._graph.closure(starts, path)):
                about = self._graph.told(node)
                if about.wanders is not None:
                    after = replace(after, anywhere=True)
                for folder in map(os.path.realpath, about.added):
                    self._tree.include(folder)
                    if self._tree.folder(folder) is None:  # as a container has it
                        after = replace(after, anywhere=True)
                    elif folder not in after.roots:
                        after = replace(after, roots=(*after.roots, folder))
            if after == path:
                return path
            path = after


def _way(node: str, first: Mapping[str, Edge | None]) -> Way:
    steps = []
    seen = {node}
    while (edge := first.get(node)) is not None:
        steps.append(edge)
        node = edge.target
        if node in seen:
            break
        seen.add(node)
    return Way(tuple(steps), node)
