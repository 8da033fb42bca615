"""`dagproof lint`: reads DAG files and says what is wrong with them."""

import argparse
import sys
from pathlib import Path

from dagproof.commands import reporting
from dagproof.commands.compiled import compiled_once
from dagproof.config import load_settings
from dagproof.model import Report
from dagproof.terminal import write_report


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    lint = commands.add_parser(
        "lint",
        help="read DAG files, without Airflow, and say what happens when they are imported",
        description=(
            "Reads DAG files without importing them, and without Airflow. Without PATHS: the dags "
            "and plugins folders of pyproject.toml. Exit code 1 where errors or warnings are "
            "found, 0 where there are none or notes alone."
        ),
    )
    lint.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a file or a folder")
    reporting.add_selection(lint)
    lint.add_argument("--fix", action="store_true", help="make the small safe changes")
    lint.add_argument("--diff", action="store_true", help="show what --fix would change")
    lint.add_argument(
        "--no-cache", action="store_true", help="read every file, also those that did not change"
    )
    reporting.add_options(lint)
    lint.set_defaults(command=_lint)


def _lint(options: argparse.Namespace) -> int:
    with compiled_once():
        from dagproof.lint import LintRequest, lint

    reporting.check_options(options)
    request = LintRequest(
        **reporting.selection(options),
        cached=not options.no_cache,
        fix=options.fix and not options.diff,
    )
    report = lint(load_settings(Path.cwd()), request)
    return _show_changes(report, options) if options.diff else reporting.tell(report, options)


def _show_changes(report: Report, options: argparse.Namespace) -> int:
    """Write what `--fix` would change; return 1 if it would change anything."""
    from dagproof.verdict import fixes

    fixed = fixes.apply(report.findings, _read)
    write_report(fixes.diff(fixed.contents, _read), options.output)
    for refused in fixed.refused:
        print(f"dagproof: {refused.path}: {refused.message}", file=sys.stderr)
    return 1 if fixed.contents else 0


def _read(path: str) -> bytes:
    return Path(path).read_bytes()
