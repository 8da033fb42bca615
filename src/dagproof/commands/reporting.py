"""The options of every command that finds: which format, and where the report goes."""

import argparse
import importlib
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from dagproof.config import LONGEST_TIMEOUT
from dagproof.model import Report
from dagproof.reporters.words import count
from dagproof.terminal import check_output, write_report

FORMATS: Final = ("text", "json", "github", "sarif", "markdown", "junit", "html")


def add_selection(parser: argparse.ArgumentParser, *, write: bool = True) -> None:
    """Add the options that say which findings count.

    Args:
        parser: of the command.
        write: whether it can write them down as known, too.
    """
    parser.add_argument(
        "--select", type=words, action="extend", default=[], metavar="CODES",
        help="look for these alone: codes, their beginnings, slugs or ALL, with commas",
    )  # fmt: skip
    parser.add_argument(
        "--extend-select", type=words, action="extend", default=[], metavar="CODES",
        help="look for these too, such as those that are off by default",
    )  # fmt: skip
    parser.add_argument(
        "--ignore", type=words, action="extend", default=[], metavar="CODES",
        help="do not look for these",
    )  # fmt: skip
    parser.add_argument(
        "--baseline", type=Path, metavar="FILE", help="hold back the findings that it knows"
    )
    if write:
        parser.add_argument(
            "--write-baseline", action="store_true", help="write what is found to the baseline"
        )


def add_allow(parser: argparse.ArgumentParser) -> None:
    """Add `--allow`, for commands that import DAG files."""
    parser.add_argument(
        "--allow", action="append", default=[], metavar="WHAT[:GLOB]",
        help="let something through, such as network:config.internal; repeatable",
    )  # fmt: skip


def selection(options: argparse.Namespace) -> dict[str, Any]:
    """Return what every command that finds is asked: where to look, and which findings count."""
    names = ("paths", "select", "ignore", "extend_select", "baseline", "write_baseline")
    return {name: getattr(options, name) for name in names}


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add `--format` and `--output`."""
    parser.add_argument("--format", choices=FORMATS, default="text", help="default text")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the report there")


def check_options(options: argparse.Namespace) -> None:
    """Refuse an output that cannot be written, before any work is done.

    Raises:
        UsageError: it cannot.
    """
    check_output(options.output)


def tell(report: Report, options: argparse.Namespace) -> int:
    """Write the report; return the exit code: 0 clean, 1 findings."""
    write_report(render(options.format, report), options.output)
    if options.output is not None:
        verdict = "Clean" if report.clean else count(len(report.findings), "finding")
        print(f"{verdict}; report in {options.output}", file=sys.stderr)
    return 0 if report.clean else 1


def render(name: str, report: Report) -> str:
    """Return the report in a format; the reporters of others are not imported.

    What GitHub reads knows files from the root of its workspace, wherever this command runs.
    """
    module = importlib.import_module(f"dagproof.reporters.{name}")
    more: dict[str, Any] = {}
    if name in {"github", "sarif"}:
        from dagproof.reporters.placing import below

        report = below(report, folder_in_workspace(os.environ))
    if name == "markdown":
        more = {"links": module.links_of(os.environ, folder_in_workspace(os.environ))}
    text: str = module.render(report, **more)
    return text


def folder_in_workspace(environ: Mapping[str, str]) -> str:
    """Return where the working directory lies below the workspace of a GitHub runner.

    Empty where it is the workspace itself, or not below one.
    """
    workspace = environ.get("GITHUB_WORKSPACE")
    if environ.get("GITHUB_ACTIONS") != "true" or not workspace:
        return ""
    here, root = Path.cwd(), Path(workspace).resolve()
    return here.relative_to(root).as_posix().removeprefix(".") if here.is_relative_to(root) else ""


def words(text: str) -> list[str]:
    """Return the words of a list with commas."""
    return [word.strip() for word in text.split(",") if word.strip()]


def seconds(text: str) -> float:
    """Return a number of seconds.

    Raises:
        ArgumentTypeError: it is none, or too large for a clock.
    """
    try:
        value = float(text)
    except ValueError:
        value = 0.0
    if not 0 < value <= LONGEST_TIMEOUT:
        wanted = f"a number of seconds above 0 and up to {LONGEST_TIMEOUT:g}"
        raise argparse.ArgumentTypeError(f"expected {wanted}, not {text!r}")
    return value
