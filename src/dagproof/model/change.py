"""What a change of the repository changes: its files, the DAG files that depend on them."""

from dataclasses import dataclass
from enum import StrEnum

from dagproof.model.finding import Related


class FileFate(StrEnum):
    """What became of a file."""

    ADDED = "added"
    MODIFIED = "modified"
    DELETED = "deleted"
    RENAMED = "renamed"


@dataclass(frozen=True, slots=True)
class ChangedFile:
    """A file that differs between two states of a repository.

    Attributes:
        path: absolute, with forward slashes; where it is, or was if it is gone. In a report, as it
            is shown.
        fate: what became of it.
        before: absolute path under which it was known; that of today unless it was renamed.
    """

    path: str
    fate: FileFate = FileFate.MODIFIED
    before: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every path that a DAG may know it by, of today first."""
        return (self.path, self.before) if self.before not in {"", self.path} else (self.path,)


@dataclass(frozen=True, slots=True)
class Comparison:
    """The two states that are compared: a commit, and the working tree.

    Attributes:
        commit: full id of the commit to compare with, the merge base; empty where none is known.
        asked: what it was asked by, such as `origin/main`.
        how: where that comes from, as a sentence part: `the pull request's base`.
        unknown: why there is nothing to compare with, one sentence; empty where there is.
        files: what differs, in order of path.
    """

    commit: str = ""
    asked: str = ""
    how: str = ""
    unknown: str = ""
    files: tuple[ChangedFile, ...] = ()

    @property
    def short(self) -> str:
        """The beginning of the commit's id, which tells it from others."""
        return self.commit[:12]


@dataclass(frozen=True, slots=True)
class Affected:
    """A DAG file that a change can affect.

    Attributes:
        path: of the DAG file, as it is shown.
        dag_ids: its DAGs as far as reading knows them, sorted.
        changed: the changed file, as it is shown.
        reason: one sentence without a full stop that says how they hang together.
        chain: the steps from the DAG file to the changed one, such as import statements.
        imports: whether its import may run what has changed; its tasks alone do so otherwise.
    """

    path: str
    dag_ids: tuple[str, ...] = ()
    changed: str = ""
    reason: str = ""
    chain: tuple[Related, ...] = ()
    imports: bool = True


@dataclass(frozen=True, slots=True)
class Impact:
    """What a change can affect.

    Attributes:
        everything: why everything is looked at, one sentence; empty where a part is enough.
        affected: the DAG files that the change can affect, in order of path; all of them where
            everything is looked at.
        total: how many DAG files there are.
        idle: changed files, as they are shown, on which no DAG depends.
    """

    everything: str = ""
    affected: tuple[Affected, ...] = ()
    total: int = 0
    idle: tuple[str, ...] = ()
