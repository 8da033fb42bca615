"""`dagproof doctor`: what is wrong with this environment, and the command that mends it."""

import argparse
import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dagproof.commands.compiled import compiled_once
from dagproof.config import Settings, load_settings
from dagproof.model import DagproofError
from dagproof.reporters.characters import visible
from dagproof.reporters.words import count
from dagproof.terminal import check_output, write_report

if TYPE_CHECKING:
    from dagproof.doctor import Check

_VERSION: Final = 1
_MARKS: Final = {"ok": "✓", "warning": "!", "problem": "✗"}


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    doctor = commands.add_parser(
        "doctor",
        help="say what is wrong with this environment, and the command that mends it",
        description=(
            "Looks at Python, Airflow, MLflow, packages, settings, git, caches and the shell, and "
            "changes nothing. Exit code 1 where something keeps a command from working, else 0."
        ),
    )
    doctor.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    doctor.add_argument("--output", type=Path, metavar="FILE", help="write the report there")
    doctor.set_defaults(command=_doctor)


def _doctor(options: argparse.Namespace) -> int:
    with compiled_once():
        from dagproof.doctor import State

        check_output(options.output)
        checks = _examined()
        write = _json if options.format == "json" else _text
        write_report(write(checks), options.output)
        return 1 if any(check.state is State.PROBLEM for check in checks) else 0


def _examined() -> "tuple[Check, ...]":
    from dagproof.doctor import Surroundings, examine
    from dagproof.onboarding import deployment_of, repository_at

    here = Path.cwd()
    settings: Settings | None = None
    complaint = ""
    try:
        settings = load_settings(here)
    except DagproofError as error:
        complaint = str(error)
    root = settings.root if settings is not None else repository_at(here).root
    deployed = deployment_of(root, settings.dags if settings is not None else ())
    return examine(
        Surroundings(
            here,
            settings,
            complaint,
            dict(os.environ),
            deployed.airflow,
            deployed.said_in,
            deployed.disagreement,
        )
    )


def _json(checks: "Sequence[Check]") -> str:
    listed = [asdict(check) for check in checks]
    return f"{json.dumps({'version': _VERSION, 'checks': listed}, indent=1)}\n"


def _text(checks: "Sequence[Check]") -> str:
    return "".join(f"{line}\n" for line in _lines(checks))


def _lines(checks: "Sequence[Check]") -> Iterator[str]:
    width = max(len(check.name) for check in checks)
    for check in checks:
        yield f"{_MARKS[check.state]} {check.name:<{width}}  {visible(check.sentence)}"
        if check.command:
            yield f"  {'':<{width}}  $ {visible(check.command)}"
    states = [check.state.value for check in checks]
    problems, warnings = states.count("problem"), states.count("warning")
    yield ""
    told = [count(problems, "problem")] if problems else []
    told += [count(warnings, "warning")] if warnings else []
    yield " and ".join(told) or "Nothing is wrong here."
