"""Runs the steps of a job one after the other, as a runner of GitHub does."""

import json
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from actions_runner.circumstances import contexts, of_needs, variables
from actions_runner.commands import Annotation, annotations, settings
from actions_runner.expressions import Surroundings, filled, holds
from actions_runner.known_actions import KNOWN, Machine
from actions_runner.workflows import ROOT, read

OURS: Final = ("dagproof/dagproof@", "$/")
"""How this repository's own action is named: by others, and by itself."""
_SHELLS: Final = {
    "": ("bash", "-e"),
    "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"),
}


@dataclass
class Step:
    """How a step went.

    Attributes:
        name: that GitHub shows.
        conclusion: `success`, `failure` or `skipped`.
        output: what it wrote, both streams.
        exit_code: of its script; 0 where it has none.
        outputs: what others may ask for.
        seconds: wall-clock seconds.
    """

    name: str
    conclusion: str
    output: str = ""
    exit_code: int = 0
    outputs: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0


@dataclass
class Job:
    """How a job went: its steps and those of the actions that they use, in order."""

    conclusion: str = "success"
    steps: list[Step] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    summary: str = ""

    @property
    def log(self) -> str:
        """Everything that was written, for who has to find out what went wrong."""
        told = (
            f"== {one.name}: {one.conclusion} {one.exit_code}, {one.seconds:.1f} s"
            for one in self.steps
        )
        return "\n".join(
            f"{head}\n{one.output}" for head, one in zip(told, self.steps, strict=True)
        )

    @property
    def annotations(self) -> list[Annotation]:
        """What GitHub shows beside the change."""
        return [found for one in self.steps for found in annotations(one.output)]

    def step(self, name: str) -> Step:
        """Return the one step of this name."""
        (found,) = [one for one in self.steps if one.name == name]
        return found


@dataclass
class _Level:
    """The steps of a job, or those of a composite action."""

    contexts: dict[str, Any]
    shell: str = ""
    status: str = "success"
    ids: dict[str, Any] = field(default_factory=dict)
    action: Path | None = None


class Runner:
    """One job on one machine.

    Args:
        machine: that it runs on.
    """

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self.job = Job()
        self._set: dict[str, str] = {}
        for folder in (machine.workspace, machine.temp, machine.home, self._files):
            folder.mkdir(parents=True, exist_ok=True)
        self._event = self._files / "event.json"
        self._event.write_text(json.dumps(machine.event.payload))

    def run(
        self,
        document: Mapping[str, Any],
        name: str,
        *,
        matrix: Mapping[str, Any] | None = None,
        inputs: Mapping[str, Any] | None = None,
        needs: Mapping[str, Any] | None = None,
    ) -> Job:
        """Run a job of a workflow.

        Args:
            document: the workflow.
            name: of the job.
            matrix: its cell.
            inputs: of a workflow that is called.
            needs: results and outputs of the jobs before it.
        """
        job = document["jobs"][name]
        known = {
            **contexts(self.machine),
            "matrix": dict(matrix or {}),
            "inputs": dict(inputs or {}),
            "needs": dict(needs or {}),
        }
        shell = {**document.get("defaults", {}), **job.get("defaults", {})}
        level = _Level(known, shell.get("run", {}).get("shell", ""))
        if not holds(job.get("if"), Surroundings(known, status=of_needs(needs or {}))):
            self.job.conclusion = "skipped"
            return self.job
        environ: dict[str, str] = {}
        for declared in (document.get("env", {}), job.get("env", {})):
            environ |= self._filled(declared, level, environ)
        for step in job["steps"]:
            self._step(step, level, environ)
        self.job.conclusion = level.status
        around = self._around(level, environ)
        outputs = job.get("outputs", {})
        self.job.outputs = {key: filled(value, around) for key, value in outputs.items()}
        return self.job

    def _step(self, step: Mapping[str, Any], level: _Level, outer: Mapping[str, str]) -> None:
        title = step.get("name") or step.get("uses") or step["run"].splitlines()[0]
        done = Step(filled(title, self._around(level, outer)), "success")
        if unknown := set(step) - {
            "name", "id", "if", "uses", "with", "run", "shell", "env", "working-directory",
        }:  # fmt: skip
            raise AssertionError(f"not known here: {sorted(unknown)} of {done.name}")
        environ = {**outer, **self._filled(step.get("env", {}), level, outer)}
        around = self._around(level, environ)
        self.job.steps.append(done)
        began = time.monotonic()
        if not holds(step.get("if"), around):
            done.conclusion = "skipped"
        elif "uses" in step:
            given = {key: filled(str(value), around) for key, value in _with(step).items()}
            self._use(step["uses"], given, environ, done)
        else:
            self._script(step, level, environ, done)
        done.seconds = time.monotonic() - began
        if step.get("id"):
            level.ids[step["id"]] = {"outputs": _Outputs(done), "conclusion": done.conclusion}
        if done.conclusion == "failure":
            level.status = "failure"

    def _use(
        self, name: str, given: Mapping[str, str], environ: Mapping[str, str], done: Step
    ) -> None:
        action, _, version = name.partition("@")
        if name.startswith(OURS):
            self._composite(ROOT, given, environ, done)
            return
        if action not in KNOWN or not version:
            raise AssertionError(f"{name} is not known here.")
        done.outputs = KNOWN[action](self.machine, given)

    def _composite(
        self, folder: Path, given: Mapping[str, str], environ: Mapping[str, str], done: Step
    ) -> None:
        action = read(folder / "action.yml")
        declared = {key: about.get("default", "") for key, about in action["inputs"].items()}
        if unknown := set(given) - set(declared):
            raise AssertionError(f"The action has no inputs {sorted(unknown)}.")
        level = _Level({**contexts(self.machine), "inputs": {**declared, **given}}, action=folder)
        for step in action["runs"]["steps"]:
            assert "run" not in step or step.get("shell"), "a composite step names its shell"
            self._step(step, level, environ)
        around = self._around(level, environ)
        outputs = action.get("outputs", {})
        done.outputs = {key: filled(about["value"], around) for key, about in outputs.items()}
        done.conclusion = level.status

    def _script(
        self, step: Mapping[str, Any], level: _Level, environ: Mapping[str, str], done: Step
    ) -> None:
        around = self._around(level, environ)
        files = {name: self._files / name.lower() for name in ("OUTPUT", "ENV", "PATH", "SUMMARY")}
        for path in files.values():
            path.write_text("")
        script = self._files / "script.sh"
        script.write_text(filled(step["run"], around))
        told = variables(self.machine, self._event, level.action) | self._set | dict(environ)
        told |= {"GITHUB_STEP_SUMMARY" if name == "SUMMARY" else f"GITHUB_{name}": str(path)
                      for name, path in files.items()}  # fmt: skip
        folder = self.machine.workspace / filled(step.get("working-directory", "."), around)
        ran = subprocess.run(
            [*_SHELLS[step.get("shell", level.shell)], str(script)],
            cwd=folder, env=told, stdin=subprocess.DEVNULL, check=False,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace",
        )  # fmt: skip
        done.output, done.exit_code = ran.stdout, ran.returncode
        done.conclusion = "failure" if ran.returncode else "success"
        done.outputs = settings(files["OUTPUT"])
        self._set |= settings(files["ENV"])
        self.machine.paths[:0] = reversed(files["PATH"].read_text().splitlines())
        self.job.summary += files["SUMMARY"].read_text()

    def _filled(
        self, declared: Mapping[str, Any], level: _Level, environ: Mapping[str, str]
    ) -> dict[str, str]:
        around = self._around(level, environ)
        return {key: filled(str(value), around) for key, value in declared.items()}

    def _around(self, level: _Level, environ: Mapping[str, str]) -> Surroundings:
        known = {**level.contexts, "steps": level.ids, "env": {**self._set, **environ}}
        return Surroundings(known, status=level.status, workspace=self.machine.workspace)

    @property
    def _files(self) -> Path:
        return self.machine.temp / "_runner_file_commands"


class _Outputs(dict[str, str]):
    """Outputs of a step; one that it has not written is empty where it did not succeed."""

    def __init__(self, done: Step) -> None:
        super().__init__(done.outputs)
        self._lenient = done.conclusion != "success"

    def __contains__(self, key: object) -> bool:
        return super().__contains__(key) or self._lenient

    def __missing__(self, key: str) -> str:
        if self._lenient:
            return ""
        raise KeyError(key)


def _with(step: Mapping[str, Any]) -> dict[str, Any]:
    return {key: str(value).lower() if isinstance(value, bool) else value
            for key, value in step.get("with", {}).items()}  # fmt: skip
