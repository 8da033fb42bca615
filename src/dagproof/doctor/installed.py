"""Which packages are installed, by what their metadata says; none is imported."""

import re
from functools import cache
from importlib.metadata import Distribution, distributions
from importlib.util import find_spec


def normal(name: str) -> str:
    """Return the name of a package as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


@cache
def packages() -> dict[str, Distribution]:
    """Return the packages that are installed, by their normal names."""
    found: dict[str, Distribution] = {}
    for one in distributions():
        name = one.metadata["Name"]
        if name:
            found.setdefault(normal(name), one)  # the first on the path is the one that is imported
    return found


def version_of(name: str) -> str:
    """Return the version of a package; empty where it is not installed."""
    found = packages().get(normal(name))
    return found.version if found is not None else ""


def release(version: str) -> tuple[int, ...]:
    """Return the numbers of a version."""
    return tuple(int(part) for part in re.findall(r"\d+", version.partition("+")[0])[:3])


def install(*requirements: str) -> str:
    """Return the command that installs packages into this environment; uv's have no pip."""
    tool = "pip install" if importable("pip") else "uv pip install"
    return " ".join([tool, *(f"'{one}'" for one in requirements)])


def importable(module: str) -> bool:
    """Say whether there is a module of this name, without importing it."""
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
