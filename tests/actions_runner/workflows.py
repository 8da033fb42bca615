"""Reads workflows and actions, and unfolds what their matrices say."""

import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = ROOT / ".github" / "workflows"


def read(path: Path) -> dict[str, Any]:
    """Return a workflow or an action; its `on` under that name, which YAML takes for true."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if True in document:
        document["on"] = document.pop(True)
    return document


def named(name: str) -> dict[str, Any]:
    """Return a workflow of this repository."""
    return read(WORKFLOWS / f"{name}.yml")


def cells(job: dict[str, Any]) -> list[dict[str, Any]]:
    """Return what each run of a job has in `matrix`: one empty one where there is none."""
    matrix = dict(job.get("strategy", {}).get("matrix", {}))
    if "include" in matrix:
        raise NotImplementedError("A matrix with `include` is not unfolded here.")
    excluded = matrix.pop("exclude", [])
    if not matrix:
        return [{}]
    products = itertools.product(*matrix.values())
    all_cells = [dict(zip(matrix, values, strict=True)) for values in products]
    return [
        cell for cell in all_cells
        if not any(all(cell[key] == value for key, value in one.items()) for one in excluded)
    ]  # fmt: skip


def steps(document: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield every step of a workflow or of a composite action."""
    yield from document.get("runs", {}).get("steps", [])
    for job in document.get("jobs", {}).values():
        yield from job.get("steps", [])


def needed(job: dict[str, Any]) -> list[str]:
    """Return the names of the jobs that a job waits for."""
    needs = job.get("needs", [])
    return [needs] if isinstance(needs, str) else list(needs)
