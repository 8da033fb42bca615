"""Compares what modules name with what the repository's manifests declare (DP124 to DP126)."""

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Literal

from dagproof.model import Hit
from dagproof.rules.mentions import nearest
from dagproof.rules.repository import Repository

Thing = Literal["pool", "connection", "variable"]


def undeclared(repository: Repository, thing: Thing, always: frozenset[str]) -> Iterator[Hit]:
    """Yield the names that a manifest lacks, each at every place where it stands.

    Args:
        repository: what its modules name, and what it declares.
        thing: what the names are of.
        always: names that exist without being declared, as variables do that some task sets.
    """
    declared = {
        PurePosixPath(manifest.path).name: names | always
        for manifest in repository.declared
        if (names := getattr(manifest, f"{thing}s")) is not None
    }
    if thing == "variable":
        always = always.union(*(one.names.variables_set for one in repository.facts.values()))
        declared = {file: names | always for file, names in declared.items()}
    for path in sorted(repository.facts) if declared else ():
        for one in getattr(repository.facts[path].names, f"{thing}s"):
            lacking = [file for file, names in declared.items() if one.name not in names]
            if lacking:
                files = " or ".join(f"`{file}`" for file in lacking)
                like = nearest(one.name, set().union(*declared.values()) - {one.name, *always})
                yield Hit(one.span, f"The {thing} `{one.name}` is not declared in {files}{like}")
