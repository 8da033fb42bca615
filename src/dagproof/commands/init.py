"""`dagproof init`: sets dagproof up in a repository, and overwrites nothing."""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

from dagproof.commands.compiled import compiled_once
from dagproof.model import UnavailableError
from dagproof.reporters.characters import visible
from dagproof.reporters.words import count
from dagproof.terminal import Live, write_report

if TYPE_CHECKING:
    from dagproof.onboarding import Plan
    from dagproof.onboarding.known_findings import Recorded, Today

_NO_IMPORT: Final = frozenset({"DP100", "DP220", "DP221", "DP222"})
"""What says that a file does not import."""

_SHOWN: Final = 10
"""Files that do not import and have a line of their own."""


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    init = commands.add_parser(
        "init",
        help="set dagproof up in this repository: settings, hook, workflow, baseline",
        description=(
            "Finds the DAGs by reading, shows what it would add, and adds it: [tool.dagproof] in "
            "pyproject.toml, a hook of pre-commit, a workflow of GitHub Actions, a line in "
            ".gitignore, and a baseline of what is found today. Nothing is overwritten. Where "
            "standard input is no terminal, nobody is asked."
        ),
    )
    init.add_argument(
        "--dags", type=Path, action="append", default=[], metavar="FOLDER",
        help="a folder of DAGs, in place of those that reading finds; repeatable",
    )  # fmt: skip
    way = init.add_mutually_exclusive_group()
    way.add_argument("--yes", action="store_true", help="write without asking")
    way.add_argument("--dry-run", action="store_true", help="show what would be written, only")
    init.add_argument("--no-baseline", action="store_true", help="hold no findings back")
    init.add_argument("--no-workflow", action="store_true", help="no workflow of GitHub Actions")
    init.add_argument("--no-hook", action="store_true", help="no hook of pre-commit")
    init.set_defaults(command=_init)


def _init(options: argparse.Namespace) -> int:
    with compiled_once():
        from dagproof.onboarding import Wishes, make_plan

        wishes = Wishes(
            tuple(options.dags),
            baseline=not options.no_baseline,
            workflow=not options.no_workflow,
            hook=not options.no_hook,
        )
        plan = make_plan(Path.cwd(), wishes, airflow=_has_airflow())
        write_report("".join(f"{line}\n" for line in _shown(plan)), None)
        if not plan.edits:
            print("Nothing to do." if not _pasted(plan) else "Nothing written.")
            return 0
        if options.dry_run:
            print("Nothing written: --dry-run.")
            return 0
        if not options.yes and not _agreed(plan):
            print("Nothing written.")
            return 0
        return _carried_out(plan)


def _has_airflow() -> bool:
    from dagproof.audit.airflow_install import check_airflow

    try:
        check_airflow()
    except UnavailableError:
        return False
    return True


def _shown(plan: "Plan") -> Iterator[str]:
    """Yield what was found, and what would be written."""
    from dagproof.onboarding import diff

    yield from _found(plan)
    for edit in plan.edits:
        yield ""
        yield diff(edit, plan.repository.top).removesuffix("\n")
    yield ""
    for left in plan.left:
        yield f"{_name(plan, left.path)}: {left.why}"
        yield from (f"    {visible(line)}" for line in left.paste.splitlines())


def _found(plan: "Plan") -> Iterator[str]:
    layout, root = plan.layout, plan.repository.root

    def listed(*folders: Path) -> str:
        return visible(", ".join(os.path.relpath(folder, root) for folder in folders))

    yield f"DAGs       {listed(*layout.dags)}, {count(len(layout.files), 'DAG file')}"
    if layout.elsewhere:
        few, more = layout.elsewhere[:3], len(layout.elsewhere) - 3
        yield f"           not {listed(*few)}{f' and {more} more' if more > 0 else ''}"
    if layout.plugins:
        yield f"plugins    {listed(layout.plugins)}"
    if layout.pythonpath:
        yield f"imports    {listed(*layout.pythonpath)}"
    yield from _deployed(plan)
    if not plan.repository.in_git:
        yield "git        none here: what is written works all the same, once there is"
    yield from _runs(plan)


def _deployed(plan: "Plan") -> Iterator[str]:
    deployment = plan.deployment
    if deployment.airflow:
        yield f"Airflow    {deployment.airflow}, says {visible(deployment.said_in)}"
    if deployment.disagreement:
        yield f"           {visible(deployment.disagreement)}"
    if not deployment.supported:
        yield "           dagproof imports and runs DAGs on 3.0.6 to 3.3; these it can only read"
    if deployment.lists:
        yield f"packages   {visible(', '.join(deployment.lists))}"
    elif deployment.supported:
        yield "packages   none listed: CI installs dagproof and Airflow alone"


def _runs(plan: "Plan") -> Iterator[str]:
    chosen = [one for one in plan.runs if not one.why_not]
    if chosen:
        yield f"runs       {visible(', '.join(one.dag_id for one in chosen))}"
    for one in plan.runs:
        if one.why_not:
            yield f"not run    {visible(one.dag_id)}: {visible(one.why_not)}"


def _name(plan: "Plan", path: Path) -> str:
    return visible(os.path.relpath(path, plan.repository.top))


def _pasted(plan: "Plan") -> bool:
    return any(left.paste for left in plan.left)


def _agreed(plan: "Plan") -> bool:
    if not sys.stdin.isatty():
        return True
    files = count(len(plan.edits), "file")
    more = " and a baseline" if plan.baseline else ""
    try:
        said = input(f"Write {'this' if len(plan.edits) == 1 else 'these'} {files}{more}? [Y/n] ")
    except EOFError:
        return False
    return said.strip().lower() in {"", "y", "yes"}


def _carried_out(plan: "Plan") -> int:
    from dagproof.onboarding import carry_out

    for edit in carry_out(plan.edits, plan.repository.top):
        print(f"Wrote {_name(plan, edit.path)}.", flush=True)
    commands = _questions(plan)
    if commands and not _look(plan, commands):
        return 3
    print(_next(plan))
    return 0


def _questions(plan: "Plan") -> list[str]:
    """Return the commands that say what there is today, as far as anybody wants to know."""
    able = _has_airflow() and plan.deployment.supported
    if plan.baseline is not None:
        return ["lint", "audit", "contracts"] if able else ["lint"]
    return ["audit"] if able and plan.chosen else []


def _next(plan: "Plan") -> str:
    if not plan.deployment.supported:
        return "Next: `dagproof lint`, then commit what was written."
    if not _has_airflow():
        return "Next: `dagproof doctor` says what to install, then `dagproof gate`."
    return "Next: `dagproof gate`, then commit what was written."


def _look(plan: "Plan", commands: list[str]) -> bool:
    """Write down what is found today; return whether anybody could look."""
    from dagproof.onboarding import carry_out, known_findings, revised

    root = plan.repository.root
    Live(sys.stderr).progress(f"Looking for what is there today: {', '.join(commands)}")
    today = known_findings.look(root, commands)
    able = [one for one in today.recorded if not one.trouble]
    if plan.baseline is not None and able:
        known_findings.write(plan.baseline, today, root)
        print(f"Wrote {_name(plan, plan.baseline)}: {_held(able)}.")
        for line in _unimported(today):
            print(line)
    for one in today.recorded:
        if one.trouble:
            print(f"{one.name} could not look: {visible(one.trouble)}")
    if commands == ["lint"] and plan.deployment.supported:
        print(
            "Airflow 3.0 to 3.3 is not installed here: what audit and contracts find is not held "
            "back. Install it and `dagproof[all]`, and add `--write-baseline` to both."
        )
    later, edit = revised(plan, today.why_not)
    if edit is not None:
        for _ in carry_out([edit], plan.repository.top):
            print(f"Wrote {_name(plan, edit.path)} again, with the DAGs that can be run:")
            for line in _runs(later):
                print(line)
    return bool(able)


def _unimported(today: "Today") -> Iterator[str]:
    """Yield the files that do not import: the baseline holds that back, and nothing is proved."""
    told = {entry.path for entry in today.entries if entry.code in _NO_IMPORT}
    failing = sorted(today.failing | told)
    for path in failing[:_SHOWN]:
        yield f"no import  {visible(path)}: held back; its DAGs are not proved"
    if more := len(failing[_SHOWN:]):
        yield f"           and {count(more, 'more file')}"


def _held(able: "Sequence[Recorded]") -> str:
    total = sum(one.findings for one in able)
    if not total:
        return f"nothing is found today ({', '.join(one.name for one in able)})"
    each = ", ".join(f"{one.findings} of {one.name}" for one in able)
    return f"{count(total, 'finding')} held back from now on ({each})"
