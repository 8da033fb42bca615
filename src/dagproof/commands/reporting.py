"""The options of every command that finds: which format, and where the report goes."""

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from dagproof.config import LONGEST_TIMEOUT
from dagproof.model import Report
from dagproof.reporters.words import count
from dagproof.terminal import check_output, write_report

FORMATS: Final = ("text", "json", "github", "sarif")


def add_selection(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which findings count."""
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
    write_report(_renderer(options.format)(report), options.output)
    if options.output is not None:
        verdict = "Clean" if report.clean else count(len(report.findings), "finding")
        print(f"{verdict}; report in {options.output}", file=sys.stderr)
    return 0 if report.clean else 1


def _renderer(name: str) -> Callable[[Report], str]:
    """Return the reporter of a format; the others are not imported."""
    module = importlib.import_module(f"dagproof.reporters.{name}")
    render: Callable[[Report], str] = module.render
    return render


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
