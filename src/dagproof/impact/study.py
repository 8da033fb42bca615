"""What is known while it is found out what a change can affect."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dagproof.impact.changed import Changes, Where
from dagproof.impact.graph import Edge, Graph
from dagproof.impact.reach import Reach
from dagproof.lint.entries import show
from dagproof.model import Affected


@dataclass(slots=True)
class Study:
    """The parts that every question needs.

    Attributes:
        where: the folders.
        changes: what has changed.
        dags: the DAG files as they are named, by real path.
        graph: what leads to what.
        reach: from the DAG files on.
        found: what is affected so far, by real path of the DAG file.
        idle: changed files on which no DAG depends, as they are shown.
    """

    where: Where
    changes: Changes
    dags: Mapping[str, Path]
    graph: Graph
    reach: Reach
    found: dict[str, Affected] = field(default_factory=dict)
    idle: list[str] = field(default_factory=list)

    def dag(self, path: str) -> str:
        """Return a DAG file as it is shown."""
        return show(self.dags[path])

    def changed(self, path: str) -> str:
        """Return a changed file as it is shown, by any of its paths."""
        return shown(self.changes.files[path].path)

    def hints(self) -> Mapping[str, Mapping[str, Edge]]:
        """Return, for changed files that texts may name, the files in which these stand."""
        found: dict[str, dict[str, Edge]] = {}
        for node in self.reach.nodes:
            for edge in self.graph.perhaps(node):
                found.setdefault(edge.target, {}).setdefault(node, edge)
        return found


def shown(path: str) -> str:
    """Return an absolute path as it is shown."""
    return show(Path(path))


Whole = tuple[str, str]
"""Why everything is looked at, one sentence, and the changed file as it is shown."""
