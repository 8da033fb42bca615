"""Runs a workflow that another one calls, as GitHub does: all its jobs, and no more permissions."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, Final

from actions_runner.known_actions import Machine
from actions_runner.runner import OURS, Job, Runner
from actions_runner.workflows import named, needed

_TYPES: Final = {"string": str, "boolean": bool, "number": (int, float)}


def call(machine: Machine, caller: Mapping[str, Any]) -> dict[str, Job]:
    """Run the workflow of this repository that a job calls; return its jobs.

    Args:
        machine: of which each job has one of its own; artifacts are shared.
        caller: the job that calls.

    Raises:
        AssertionError: GitHub would refuse to start it.
    """
    whole, _, _ = caller["uses"].partition("@")
    if not caller["uses"].startswith(("dagproof/dagproof/", *OURS)):
        raise AssertionError(f"{whole} is none of ours.")
    document = named(whole.rpartition("/")[2].removesuffix(".yml"))
    inputs = _inputs(document["on"]["workflow_call"]["inputs"], caller.get("with", {}))
    done: dict[str, Job] = {}
    for name, job in document["jobs"].items():
        _granted(job.get("permissions", {}), caller.get("permissions", {}), name)
        own = replace(machine, folder=machine.folder / name, paths=[])
        before = {
            one: {"result": done[one].conclusion, "outputs": done[one].outputs}
            for one in needed(job)
        }
        done[name] = Runner(own).run(document, name, inputs=inputs, needs=before)
    return done


def _inputs(declared: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    if unknown := set(given) - set(declared):
        raise AssertionError(f"The workflow has no inputs {sorted(unknown)}.")
    values = {key: given.get(key, about["default"]) for key, about in declared.items()}
    for key, value in values.items():
        assert isinstance(value, _TYPES[declared[key]["type"]]), f"{key}: {value!r}"
    return values


def _granted(asked: Mapping[str, str], given: Mapping[str, str], name: str) -> None:
    levels = ("none", "read", "write")
    for scope, level in asked.items():
        if levels.index(level) > levels.index(given.get(scope, "none")):
            raise AssertionError(f"{name} asks for {scope}: {level}, and was not given it.")
