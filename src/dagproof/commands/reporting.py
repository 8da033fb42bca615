"""The options of every command that finds: which format, and where the report goes."""

import argparse
import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from dagproof.model import Report
from dagproof.terminal import check_output, write_report

FORMATS: Final = ("text", "json", "github", "sarif")


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
        verdict = "Clean" if report.clean else f"{len(report.findings)} findings"
        print(f"{verdict}; report in {options.output}", file=sys.stderr)
    return 0 if report.clean else 1


def _renderer(name: str) -> Callable[[Report], str]:
    """Return the reporter of a format; the others are not imported."""
    module = importlib.import_module(f"dagproof.reporters.{name}")
    render: Callable[[Report], str] = module.render
    return render
