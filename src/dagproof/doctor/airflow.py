"""Airflow: whether it is there, is one that dagproof knows, and is the one that is deployed."""

from collections.abc import Iterator
from typing import Final

from dagproof.doctor.check import Check, ok, problem, warning
from dagproof.doctor.installed import importable, install, release, version_of
from dagproof.doctor.surroundings import Surroundings

OLDEST: Final = (3, 0, 6)
BEYOND: Final = (3, 4)
_USUAL: Final = "3.3.2"


def airflow(surroundings: Surroundings) -> Iterator[Check]:
    """Say whether DAG files can be imported here."""
    installed = version_of("apache-airflow") or version_of("apache-airflow-core")
    mend = install("dagproof[all]", f"apache-airflow=={_wanted(surroundings)}")
    if not installed:
        yield problem(
            "airflow",
            "Airflow is not installed: `lint` works without it, `audit`, `contracts` and `run` "
            "do not",
            mend,
        )
    elif not importable("airflow"):
        yield problem(
            "airflow",
            f"Airflow {installed} is installed in part: there is no package `airflow`",
            install(f"apache-airflow=={installed}").replace(
                "install", "install --force-reinstall", 1
            ),
        )
    elif not OLDEST <= release(installed) < BEYOND:
        yield problem("airflow", f"Airflow {installed} is not supported, only 3.0.6 to 3.3", mend)
    else:
        yield ok("airflow", f"Airflow {installed}")
        yield from _compared(surroundings, installed)
    yield from _parts()


def _wanted(surroundings: Surroundings) -> str:
    """Return the version to install: the deployed one, where dagproof knows it."""
    said = surroundings.airflow
    known = OLDEST <= release(said) < BEYOND and said.count(".") > 1
    return said if known else _USUAL


def _compared(surroundings: Surroundings, installed: str) -> Iterator[Check]:
    said = surroundings.airflow
    if not said:
        return
    if surroundings.disagreement:
        yield warning("deployed", surroundings.disagreement)
    parts = len(release(said))
    if release(installed)[:parts] == release(said):
        yield ok("deployed", f"{surroundings.said_in} says Airflow {said}, too")
    elif OLDEST[:parts] <= release(said) < BEYOND:
        yield warning(
            "deployed",
            f"{surroundings.said_in} says Airflow {said}, and {installed} is installed: what is "
            "proved here may not hold there",
            install(f"apache-airflow=={said}{'' if parts > 2 else '.*'}"),  # noqa: PLR2004
        )
    else:
        yield warning(
            "deployed",
            f"{surroundings.said_in} says Airflow {said}, which dagproof can only read (`lint`): "
            f"what else is proved here is about {installed}",
        )


def _parts() -> Iterator[Check]:
    """Say which distribution of Airflow lacks the other."""
    core, sdk = version_of("apache-airflow-core"), version_of("apache-airflow-task-sdk")
    if bool(core) != bool(sdk):
        lacks = "apache-airflow-task-sdk" if core else "apache-airflow-core"
        yield problem(
            "airflow", f"`{lacks}` is missing beside Airflow {core or sdk}", install(lacks)
        )
