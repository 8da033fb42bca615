"""What a DAG is made of, as Airflow keeps it, and how two states of it differ."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from dagproof.model.finding import Severity


@dataclass(frozen=True, slots=True)
class TaskShape:
    """A task of a DAG.

    Attributes:
        task_id: with its groups.
        operator: the name of its class, or what the UI shows for it, such as `@task`.
        upstream: ids of the tasks right before it, sorted.
        mapped: whether it is expanded.
        fields: everything else that was set, as short text by name: `retries`, `pool`, …
    """

    task_id: str
    operator: str = ""
    upstream: tuple[str, ...] = ()
    mapped: bool = False
    fields: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DagShape:
    """A DAG as Airflow keeps it in its database.

    Attributes:
        dag_id: the DAG.
        path: of its file, as it is shown.
        schedule: as short text: a cron expression, a delta, assets; empty where there is none.
        tasks: in order of id.
        params: a default value and its schema as short text, by name.
        fields: everything else that was set, as short text by name: `catchup`, `tags`, …
    """

    dag_id: str
    path: str = ""
    schedule: str = ""
    tasks: tuple[TaskShape, ...] = ()
    params: Mapping[str, str] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)


class Fate(StrEnum):
    """What became of a DAG."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True)
class ShapeChange:
    """One difference between two states of a DAG.

    Attributes:
        where: the place, such as `schedule`, `tasks.load`, `tasks.load.retries`, `params.month`,
            or `edges` for what runs after what.
        before: short text; empty where there was nothing.
        after: short text; empty where there is nothing.
        message: a fact, one sentence without a full stop, code in backticks.
        severity: how much harm it can do to a DAG that is in use.
        harm: what can go wrong in a deployment, one sentence; empty where nothing does.
    """

    where: str
    before: str
    after: str
    message: str
    severity: Severity = Severity.NOTE
    harm: str = ""


@dataclass(frozen=True, slots=True)
class DagDiff:
    """How a DAG differs between two states of the repository.

    Attributes:
        dag_id: of today; of before where it is gone.
        fate: what became of it.
        before: None where it is new, or cannot be imported at the commit.
        after: None where it is gone, or cannot be imported any more.
        changes: most harmful first.
    """

    dag_id: str
    fate: Fate
    before: DagShape | None = None
    after: DagShape | None = None
    changes: tuple[ShapeChange, ...] = ()
