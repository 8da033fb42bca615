"""What each kind of evidence finds today, found side by side: the first baseline."""

import json
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from dagproof.model import DagproofError
from dagproof.verdict import baseline

_SEEN: Final = ("DP2", "DP3")
"""How the codes begin of what was seen and tried, which a run could stumble over."""


@dataclass(frozen=True, slots=True)
class Recorded:
    """What one kind of evidence found.

    Attributes:
        name: the command.
        findings: how many.
        trouble: why nobody could look: one sentence, else empty.
    """

    name: str
    findings: int = 0
    trouble: str = ""


@dataclass(frozen=True, slots=True)
class Today:
    """What was found.

    Attributes:
        recorded: of each command, in the order in which they were named.
        entries: what is known from now on.
        makers: the file that makes a DAG when Airflow imports it, by DAG id; None where nobody
            has imported any.
        failing: files that Airflow cannot import, or not to their end.
    """

    recorded: tuple[Recorded, ...] = ()
    entries: tuple[baseline.Entry, ...] = ()
    makers: Mapping[str, str] | None = None
    failing: frozenset[str] = field(default_factory=frozenset)

    def why_not(self, dag_id: str) -> str:
        """Return why a DAG is not to be run, by what was seen; empty where nothing was."""
        if self.makers is None:
            return ""
        path = self.makers.get(dag_id)
        if path is None:
            return "no file that Airflow can import here makes it"
        if path in self.failing:
            return "its file does not import here"
        found = (one.code for one in self.entries if one.path == path)
        code = next((code for code in found if code.startswith(_SEEN)), "")
        return f"{code} is found in its file" if code else ""


def look(root: Path, commands: Sequence[str]) -> Today:
    """Ask commands what there is to find today.

    Each is a process of its own: what DAG files do when they are imported stays in there.

    Args:
        root: of the repository.
        commands: of `lint`, `audit` and `contracts`.
    """
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="dagproof-init-")))
        started = {name: stack.enter_context(_started(name, scratch, root)) for name in commands}
        try:
            said = {name: process.communicate()[1] for name, process in started.items()}
        except BaseException:
            for process in started.values():
                process.terminate()
            raise
        ended = {name: process.returncode for name, process in started.items()}
        found = {name: _entries(_baseline(scratch, name)) for name in commands}
        seen = _imports(_report(scratch, "audit")) if found.get("audit") is not None else None
    recorded = (_recorded(name, found[name], ended[name], said[name]) for name in commands)
    return Today(
        tuple(recorded),
        tuple(entry for entries in found.values() for entry in entries or ()),
        None if seen is None else _makers(seen),
        frozenset(trace["path"] for trace in seen or () if trace["errors"]),
    )


def write(file: Path, today: Today, root: Path) -> None:
    """Write a baseline.

    Raises:
        UnavailableError: the file cannot be written.
    """
    baseline.write(file, (), root, kept=today.entries)


def _started(name: str, scratch: Path, root: Path) -> "subprocess.Popen[str]":
    command = [sys.executable, "-P", "-m", "dagproof", name, "--write-baseline"]
    command += ["--baseline", str(_baseline(scratch, name))]
    return subprocess.Popen(
        [*command, "--format", "json", "--output", str(_report(scratch, name))],
        cwd=root,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        encoding="utf-8",
        errors="replace",
    )


def _baseline(scratch: Path, name: str) -> Path:
    return scratch / f"{name}-known.json"


def _report(scratch: Path, name: str) -> Path:
    return scratch / f"{name}.json"


def _entries(file: Path) -> tuple[baseline.Entry, ...] | None:
    try:
        return baseline.read(file)
    except DagproofError:
        return None


def _imports(report: Path) -> list[dict[str, Any]]:
    traces: list[dict[str, Any]] = json.loads(report.read_bytes())["imports"]
    return traces


def _makers(traces: Iterable[Mapping[str, Any]]) -> Mapping[str, str]:
    return {dag_id: trace["path"] for trace in traces for dag_id in trace["dag_ids"]}


def _recorded(
    name: str, entries: Sequence[baseline.Entry] | None, ended: int, said: str
) -> Recorded:
    if entries is not None:
        return Recorded(name, sum(entry.count for entry in entries))
    last = (said.strip().splitlines() or [f"it ended with {ended}"])[-1]
    return Recorded(name, trouble=last.removeprefix("dagproof: "))
