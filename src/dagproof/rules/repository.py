"""The evidence of the rules that look at all modules of a repository at once."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from dagproof.model import Span
from dagproof.rules.facts import DagFact, Facts
from dagproof.rules.manifest import Manifest
from dagproof.rules.mentions import Mention


@dataclass(eq=False)
class Repository:
    """What the modules of a repository say of themselves.

    Attributes:
        facts: by path, as it is shown.
        declared: the files that say which pools, connections and variables there are.
        complete: whether all DAG files of the repository were read, not only some.
        roots: the folders that an Airflow loads its DAGs from, as they are shown.
    """

    facts: Mapping[str, Facts]
    declared: Sequence[Manifest] = ()
    complete: bool = False
    roots: tuple[str, ...] = ()

    def excerpt(self, span: Span) -> str:
        """Return the source line that a span of these facts begins on."""
        return self._excerpts.get(span, "")

    @cached_property
    def dags(self) -> Mapping[str, list[tuple[Facts, DagFact]]]:
        """The DAGs by id, in order of path."""
        found: dict[str, list[tuple[Facts, DagFact]]] = {}
        for path in sorted(self.facts):
            for dag in self.facts[path].dags:
                found.setdefault(dag.id.name, []).append((self.facts[path], dag))
        return found

    @cached_property
    def dags_known(self) -> bool:
        """Whether `dags` are all that the repository has."""
        return self.complete and all(facts.dags_known for facts in self.facts.values())

    def deployment(self, path: str) -> str:
        """Return the folder that one Airflow loads, for a file in it.

        Without settings it is the folder named `dags` that the file is in, or else its own folder:
        two folders of examples are two deployments.
        """
        file = PurePosixPath(path)
        for root in self.roots:
            if PurePosixPath(root) in file.parents:
                return root
        for folder in file.parents:
            if folder.name.lower() in ("dags", "dag", "airflow_dags"):
                return folder.as_posix()
        return file.parent.as_posix()

    @cached_property
    def _excerpts(self) -> Mapping[Span, str]:
        return {one.span: one.excerpt for facts in self.facts.values() for one in _mentions(facts)}


def _mentions(facts: Facts) -> Iterator[Mention]:
    yield from (dag.id for dag in facts.dags)
    yield from facts.triggers
    for wait in facts.waits:
        yield wait.dag
        yield from wait.tasks
    yield from (*facts.names.pools, *facts.names.connections, *facts.names.variables)
