"""What may differ by design: globs that the repository declares."""

import dataclasses
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from typing import TypeVar

from dagproof.model import LoggedRun, Snapshot, TableState

Value = TypeVar("Value")


def without(snapshot: Snapshot, globs: Iterable[str]) -> Snapshot:
    """Return a snapshot without what may differ.

    Args:
        snapshot: of some moment.
        globs: `s3://bucket/key`, `file:path`, `table:schema.name`, `table:schema.name.column`,
            `mlflow:experiment`, `mlflow:experiment/run`, `mlflow:experiment/run/field` (a
            parameter, metric, tag, dataset or artifact) and `model:name`; a star stands for any
            characters.
    """
    excepted = _Excepted(tuple(globs))
    if not excepted.globs:
        return snapshot
    return dataclasses.replace(
        snapshot,
        objects=tuple(one for one in snapshot.objects if not excepted.covers(one.address)),
        files=tuple(one for one in snapshot.files if not excepted.covers(one.address)),
        tables=tuple(
            excepted.table(one)
            for one in snapshot.tables
            if not excepted.covers(f"table:{one.name}")
        ),
        runs=tuple(
            excepted.run(one)
            for one in snapshot.runs
            if not excepted.covers(f"mlflow:{one.experiment}", f"mlflow:{_name(one)}")
        ),
        versions=tuple(
            one for one in snapshot.versions if not excepted.covers(f"model:{one.model}")
        ),
    )


def _name(run: LoggedRun) -> str:
    return f"{run.experiment}/{run.name}"


@dataclasses.dataclass(frozen=True, slots=True)
class _Excepted:
    globs: tuple[str, ...]

    def covers(self, *names: str) -> bool:
        return any(fnmatchcase(name, glob) for name in names for glob in self.globs)

    def table(self, table: TableState) -> TableState:
        """Drop columns; the digest of the whole rows goes with them."""
        columns = {
            name: digest
            for name, digest in table.columns.items()
            if not self.covers(f"table:{table.name}.{name}")
        }
        if len(columns) == len(table.columns):
            return table
        return dataclasses.replace(table, columns=columns, digest="")

    def run(self, run: LoggedRun) -> LoggedRun:
        def kept(values: Mapping[str, Value]) -> dict[str, Value]:
            prefix = f"mlflow:{_name(run)}/"
            return {key: one for key, one in values.items() if not self.covers(prefix + key)}

        return dataclasses.replace(
            run,
            params=kept(run.params),
            metrics=kept(run.metrics),
            tags=kept(run.tags),
            datasets=kept(run.datasets),
            artifacts=kept(run.artifacts),
        )
