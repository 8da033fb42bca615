"""What the actions that our workflows use do, as far as their steps can tell the difference."""

import shutil
import subprocess
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from actions_runner.origin import Event, checked_out


@dataclass(frozen=True)
class Machine:
    """A runner with nothing on it yet.

    Attributes:
        folder: of everything below.
        origin: the bare repository that is checked out.
        event: that the workflow runs for.
        pythons: an interpreter by version.
        prepared: folders of packages that a Python which is set up has already, as after a
            restored cache; empty for a Python with pip alone.
        tools: where Pythons are set up; machines that share it share them.
        environ: variables of the runner itself, such as those of a self-hosted one.
        paths: what steps and actions have put before the PATH, the last first.
        artifacts: folders of what was uploaded, by name.
        cached: what was asked of actions/cache.
        sarif: what was handed to code scanning.
    """

    folder: Path
    origin: Path
    event: Event
    pythons: Mapping[str, str]
    tools: Path
    prepared: tuple[Path, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    paths: list[str] = field(default_factory=list)
    artifacts: dict[str, Path] = field(default_factory=dict)
    cached: list[Mapping[str, str]] = field(default_factory=list)
    sarif: list[bytes] = field(default_factory=list)

    @property
    def workspace(self) -> Path:
        """Where the repository is checked out."""
        return self.folder / "work" / "dags" / "dags"

    @property
    def home(self) -> Path:
        """`HOME`."""
        return self.folder / "home"

    @property
    def temp(self) -> Path:
        """`RUNNER_TEMP`."""
        return self.folder / "temp"


def _checkout(machine: Machine, given: Mapping[str, str]) -> dict[str, str]:
    _only(given, {"fetch-depth", "persist-credentials"})
    assert given.get("persist-credentials") == "false", "the token stays in the workspace"
    depth = int(given.get("fetch-depth", "1"))
    checked_out(machine.origin, machine.event, machine.workspace, depth)
    return {"ref": machine.event.ref, "commit": machine.event.sha}


def _setup_python(machine: Machine, given: Mapping[str, str]) -> dict[str, str]:
    _only(given, {"python-version"})
    version = given["python-version"]
    if version not in machine.pythons:
        raise AssertionError(f"There is no Python {version} here, of {sorted(machine.pythons)}.")
    home = machine.tools / f"Python-{version}"
    if not home.is_dir():
        subprocess.run([machine.pythons[version], "-m", "venv", str(home)], check=True)
        site = next(home.glob("lib/python*/site-packages"))
        (site / "prepared.pth").write_text("".join(f"{one}\n" for one in machine.prepared))
    machine.paths.insert(0, str(home / "bin"))
    return {"python-version": version, "python-path": str(home / "bin" / "python")}


def _cache(machine: Machine, given: Mapping[str, str]) -> dict[str, str]:
    _only(given, {"path", "key", "restore-keys"})
    assert given["path"], "a cache of no path"
    machine.cached.append(dict(given))
    return {"cache-hit": "false"}


def _upload(machine: Machine, given: Mapping[str, str]) -> dict[str, str]:
    _only(given, {"name", "path", "if-no-files-found"})
    name, source = given["name"], machine.workspace / given["path"]
    if not source.is_dir() or not any(source.iterdir()):
        assert given.get("if-no-files-found") != "error", f"nothing at {source}"
        return {"artifact-id": ""}
    if name in machine.artifacts:
        raise AssertionError(f"There is an artifact {name} already.")
    kept = machine.folder / "artifacts" / name
    # Hidden files stay out, unless asked for.
    shutil.copytree(source, kept, ignore=shutil.ignore_patterns(".*"))
    machine.artifacts[name] = kept
    return {"artifact-id": "1"}


def _download(machine: Machine, given: Mapping[str, str]) -> dict[str, str]:
    _only(given, {"name", "path"})
    target = machine.workspace / given["path"]
    shutil.copytree(machine.artifacts[given["name"]], target, dirs_exist_ok=True)
    return {"download-path": str(target)}


def _upload_sarif(machine: Machine, given: Mapping[str, str]) -> dict[str, str]:
    _only(given, {"sarif_file", "category"})
    machine.sarif.append((machine.workspace / given["sarif_file"]).read_bytes())
    return {"sarif-id": "1"}


KNOWN: dict[str, Callable[[Machine, Mapping[str, str]], dict[str, Any]]] = {
    "actions/checkout": _checkout,
    "actions/setup-python": _setup_python,
    "actions/cache": _cache,
    "actions/upload-artifact": _upload,
    "actions/download-artifact": _download,
    "github/codeql-action/upload-sarif": _upload_sarif,
}


def _only(given: Mapping[str, str], known: set[str]) -> None:
    """Refuse inputs whose meaning is not known here."""
    assert set(given) <= known, f"not known here: {sorted(set(given) - known)}"
