"""Looks at one subject after the other; one that stumbles does not end the others."""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

from dagproof.doctor import (
    airflow,
    cache,
    confinement,
    conflicts,
    docker,
    extras,
    imports,
    interpreter,
    repository,
    shell,
)
from dagproof.doctor.check import Check, warning
from dagproof.doctor.surroundings import Surroundings

Subject = Callable[[Surroundings], Iterator[Check]]

SUBJECTS: Final[Sequence[tuple[str, Subject]]] = (
    ("python", interpreter.python),
    ("system", interpreter.platform_of),
    ("encoding", interpreter.encoding),
    ("bytecode", interpreter.bytecode),
    ("airflow", airflow.airflow),
    ("mlflow", extras.mlflow),
    ("packages", extras.extras),
    ("conflicts", conflicts.conflicts),
    ("settings", repository.settings),
    ("dags", repository.dags),
    ("imports", imports.imports),
    ("runs", repository.runs),
    ("git", repository.git),
    ("cache", cache.cache),
    ("disk", cache.disk),
    ("services", cache.keepers),
    ("docker", docker.docker),
    ("confinement", confinement.confinement),
    ("shell", shell.shell),
    ("home", shell.airflow_home),
)
"""In the order in which they are told."""


def examine(
    surroundings: Surroundings, subjects: Sequence[tuple[str, Subject]] = SUBJECTS
) -> tuple[Check, ...]:
    """Return what was looked at, in order.

    Args:
        surroundings: what is examined.
        subjects: names, and what looks at them.
    """
    return tuple(
        check for name, subject in subjects for check in _looked(name, subject, surroundings)
    )


def _looked(name: str, subject: Subject, surroundings: Surroundings) -> Iterator[Check]:
    try:
        yield from subject(surroundings)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is told as such
        what = f"{type(error).__name__}: {error}".removesuffix(": ")
        yield warning(name, f"Nobody could look, which is a defect of dagproof ({what})")
