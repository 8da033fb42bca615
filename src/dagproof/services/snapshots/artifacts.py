"""Tells the objects that are artifacts of MLflow runs from all others."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from dagproof.model import LoggedRun

if TYPE_CHECKING:
    from dagproof.services.snapshots.experiments import Logged
    from dagproof.services.snapshots.objects import Listed

_OF_A_MODEL = "MLmodel"
"""A folder with this file is a model: it holds moments and ids, also where it says the same."""


def apart(
    listed: Iterable["Listed"], logged: "Logged"
) -> tuple[list["Listed"], tuple[LoggedRun, ...]]:
    """Return the objects that are none of MLflow's, and the runs with their artifacts.

    Those of runs that are deleted, and of models that belong to no run, are left out.
    """
    rest: list[Listed] = []
    found: dict[str, dict[str, str]] = {}
    for one in listed:
        owner = _owner(one.address, logged.homes)
        if owner is not None:
            run_id, path = owner
            found.setdefault(run_id, {})[path] = one.etag
        elif not any(one.address.startswith(root) for root in logged.roots):
            rest.append(one)
    runs = tuple(
        dataclasses.replace(run, artifacts=_without_models(found.get(run.run_id, {})))
        for run in logged.runs
    )
    return rest, runs


def _owner(address: str, homes: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Return the run that an object belongs to, and its path there."""
    end = address.find("/", len("s3://"))
    while end != -1:
        home = homes.get(address[:end])
        if home is not None:
            run_id, name = home
            return run_id, name + address[end + 1 :]
        end = address.find("/", end + 1)
    return None


def _without_models(artifacts: Mapping[str, str]) -> dict[str, str]:
    folders = tuple(
        path.removesuffix(_OF_A_MODEL) for path in artifacts if path.split("/")[-1] == _OF_A_MODEL
    )
    return {path: "" if path.startswith(folders) else etag for path, etag in artifacts.items()}
