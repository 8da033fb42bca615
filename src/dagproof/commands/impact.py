"""`dagproof impact`: says which DAG files a change can affect, and by which steps."""

import argparse
import os
from pathlib import Path

from dagproof.commands.compiled import compiled_once
from dagproof.config import load_settings
from dagproof.model import Comparison, Impact, Report
from dagproof.terminal import check_output, write_report


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    impact = commands.add_parser(
        "impact",
        help="say which DAG files a change can affect",
        description=(
            "Follows imports and file names from every DAG file to the files that differ from a "
            "commit. Where that cannot be known, every DAG file is affected. Exit code 0 whatever "
            "is affected."
        ),
    )
    impact.add_argument(
        "--base", metavar="REF",
        help="compare with where this branch has left that commit; by default the base of the "
        "pull request in CI, else the repository's main branch",
    )  # fmt: skip
    impact.add_argument(
        "--explain", action="store_true", help="show the steps from each DAG file to what changed"
    )
    impact.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    impact.add_argument("--output", type=Path, metavar="FILE", help="write the answer there")
    impact.set_defaults(command=_impact)


def _impact(options: argparse.Namespace) -> int:
    with compiled_once():
        from dagproof.changes.base import compared
        from dagproof.impact import impact

    check_output(options.output)
    settings = load_settings(Path.cwd())
    comparison = compared(settings.root, options.base, os.environ)
    write_report(_rendered(impact(settings, comparison), comparison, options), options.output)
    return 0


def _rendered(found: Impact, comparison: Comparison, options: argparse.Namespace) -> str:
    if options.format == "text":
        from dagproof.reporters.impact_text import render

        return render(found, comparison, explain=options.explain)
    from dagproof.reporters import json

    return json.render(Report(files=found.total, comparison=comparison, impact=found))
