"""What services hold at one moment, as far as a DAG can have put it there."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Stored:
    """An object or a file.

    Attributes:
        address: `s3://bucket/key`, or `file:` and the path below the data root.
        size: bytes.
        digest: equal for equal bytes; ids that MLflow made up are left out of it.
    """

    address: str
    size: int
    digest: str


@dataclass(frozen=True, slots=True)
class TableState:
    """A table that is not Airflow's own.

    Attributes:
        name: with its schema, such as `public.trips`.
        rows: how many; None where they could not be counted.
        digest: of all rows in any order, without the columns that `columns` has not, and without
            those that hold moments.
        columns: a digest of each column's values in any order. What the server gives by itself
            (serial numbers, random ids, the moment of writing) is not among them.
    """

    name: str
    rows: int | None
    digest: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggedRun:
    """One MLflow run, by what it says.

    Attributes:
        run_id: MLflow's id, which nobody compares but with itself.
        experiment: its experiment's name.
        name: empty where MLflow made one up.
        status: `FINISHED`, `FAILED`, `RUNNING` or `KILLED`.
        params: by name.
        metrics: last value by name.
        tags: the run's own, without those that MLflow sets.
        datasets: digest by name.
        artifacts: digest by path; an empty one where equal content is not to be expected.
    """

    run_id: str
    experiment: str
    name: str
    status: str
    params: Mapping[str, str] = field(default_factory=dict)
    metrics: Mapping[str, float] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    datasets: Mapping[str, str] = field(default_factory=dict)
    artifacts: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LoggedVersion:
    """One version of a registered model, by what it says."""

    model: str
    version: str
    aliases: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What all services hold at one moment.

    Attributes:
        objects: of all buckets, without MLflow's artifacts; sorted.
        files: below the data root; sorted.
        tables: sorted.
        runs: oldest first.
        versions: sorted.
        cut: a sentence for each thing that was not looked at to its end.
    """

    objects: tuple[Stored, ...] = ()
    files: tuple[Stored, ...] = ()
    tables: tuple[TableState, ...] = ()
    runs: tuple[LoggedRun, ...] = ()
    versions: tuple[LoggedVersion, ...] = ()
    cut: tuple[str, ...] = ()

    @property
    def empty(self) -> bool:
        """Whether there is nothing at all."""
        return not (self.objects or self.files or self.tables or self.runs or self.versions)
