"""The evidence of the rules that look at all modules of a repository at once."""

from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cached_property
from pathlib import PurePosixPath

from dagproof.model import Span
from dagproof.rules.facts import DagFact, Facts
from dagproof.rules.manifest import Manifest
from dagproof.rules.mentions import Mention


@dataclass(frozen=True, slots=True)
class SeenDags:
    """The DAGs that were there when all DAG files of a repository were imported.

    Attributes:
        makers: the file that each comes from, as it is shown, by id.
        doubtful: files that may have other DAGs elsewhere, as they are shown.
    """

    makers: Mapping[str, str]
    doubtful: frozenset[str] = frozenset()


@dataclass(eq=False)
class Repository:
    """What the modules of a repository say of themselves.

    Attributes:
        facts: by path, as it is shown.
        declared: the files that say which pools, connections and variables there are.
        complete: whether all DAG files of the repository were read, not only some.
        roots: the folders that an Airflow loads its DAGs from, as they are shown.
        seen: what imports told of its DAGs; None where nothing was imported.
    """

    facts: Mapping[str, Facts]
    declared: Sequence[Manifest] = ()
    complete: bool = False
    roots: tuple[str, ...] = ()
    seen: SeenDags | None = None

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
    def dag_ids(self) -> AbstractSet[str]:
        """The ids of the DAGs that were read or seen."""
        return self.dags.keys() | (self.seen.makers.keys() if self.seen is not None else set())

    @cached_property
    def dags_known(self) -> bool:
        """Whether `dag_ids` are all that the repository has."""
        if not self.complete:
            return False
        if self.seen is None:
            return all(facts.dags_known for facts in self.facts.values())
        doubtful = self.seen.doubtful
        return not doubtful or (
            doubtful <= self.facts.keys()
            and all(
                facts.dags_known
                for path, facts in self.facts.items()
                if path in doubtful or facts.imported
            )
        )

    def maker(self, dag_id: str) -> Facts | None:
        """Return the module that makes a DAG; None where it is unknown, or not the only one."""
        makers = self.dags.get(dag_id, [])
        if len(makers) != 1:
            return None
        [(facts, _)] = makers
        elsewhere = self.seen is not None and self.seen.makers.get(dag_id) != facts.path
        return None if elsewhere else facts

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
