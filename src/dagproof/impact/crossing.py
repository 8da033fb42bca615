"""The ids of DAGs, and which DAG files trigger or wait for which: as far as reading knows."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from pathlib import Path

from dagproof.model import Span
from dagproof.rules.facts import Facts
from dagproof.rules.mentions import Mention
from dagproof.rules.reader import Reader


class DagIds:
    """Reads files for the ids of their DAGs, each of them once.

    Args:
        roots: the folders that imports look in.
        top: the folder of the repository.
        read: gives the bytes of a file.
        show: gives the path of a file as it is shown.
        entries: the DAG files.
    """

    def __init__(
        self,
        roots: Sequence[Path],
        top: Path,
        *,
        read: Callable[[Path], bytes],
        show: Callable[[Path], str],
        entries: Collection[Path],
    ) -> None:
        self._roots = roots
        self._top = top
        self._show = show
        self._entries = frozenset(entries)
        self._reader = self._reads(read)

    def facts(self, path: Path) -> Facts | None:
        """Return what a file of today tells; None where it is too deep to be followed."""
        self._reader.read(path)
        return self._reader.records[path].facts

    def former(self, path: Path, data: bytes) -> Facts | None:
        """Return what a file told when it said something else."""
        reader = self._reads(lambda one: data if one == path else one.read_bytes())
        reader.read(path)
        return reader.records[path].facts

    def _reads(self, read: Callable[[Path], bytes]) -> Reader:
        return Reader(
            self._roots, self._top, read=read, show=self._show, rules=(), entries=self._entries,
            names=False, keep=False,
        )  # fmt: skip


def ids(facts: Facts | None) -> frozenset[str]:
    """Return the ids that are known of a file."""
    return frozenset(dag.id.name for dag in facts.dags) if facts is not None else frozenset()


def ids_made_in(facts: Facts | None, shown: Collection[str]) -> frozenset[str]:
    """Return the ids of a file's DAGs that stand in one of some files."""
    dags = facts.dags if facts is not None else ()
    return frozenset(dag.id.name for dag in dags if dag.id.span.path in shown)


def all_known(facts: Facts | None) -> bool:
    """Say whether a file has no DAGs but those whose ids are known."""
    return facts is not None and facts.dags_known


def targets(facts: Facts | None) -> Mapping[str, tuple[Span, str]]:
    """Return the ids of the DAGs that a file triggers or waits for, where, and in what words."""
    if facts is None:
        return {}
    found: dict[str, tuple[Span, str]] = {}
    _note(found, facts.triggers, "triggers")
    _note(found, (wait.dag for wait in facts.waits), "waits for")
    return found


def _note(found: dict[str, tuple[Span, str]], mentions: Iterable[Mention], verb: str) -> None:
    for one in mentions:
        found.setdefault(one.name, (one.span, f"{verb} the DAG `{one.name}`"))
