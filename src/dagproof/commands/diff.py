"""`dagproof diff`: how the DAGs themselves differ from what they were, and what that can do."""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from dagproof.commands import reporting
from dagproof.commands.compiled import compiled_once
from dagproof.config import Settings, load_settings
from dagproof.model import Comparison, DagDiff, Report, UnavailableError, UsageError
from dagproof.terminal import write_report


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    diff = commands.add_parser(
        "diff",
        help="say how DAGs differ from what they were: tasks, order, schedule, Params",
        description=(
            "Imports the DAG files that a change affects, as they were and as they are, and says "
            "how their DAGs differ and what that can do in a deployment. Without --base it "
            "compares with the pull request's base, with what the merge queue or the push stands "
            "on, or with where this branch left the main one. Exit code 0, whatever differs; 2 "
            "wrong question, 3 could not look."
        ),
    )
    diff.add_argument(
        "paths", nargs="*", type=Path, metavar="PATH", help="tell of DAGs of these alone"
    )
    diff.add_argument("--base", metavar="REF", help="compare with this commit, branch or tag")
    reporting.add_allow(diff)
    diff.add_argument(
        "--timeout", type=reporting.seconds, metavar="SECONDS",
        help="for the import of each file; default 30",
    )  # fmt: skip
    diff.add_argument("--format", choices=("text", "json"), default="text", help="default text")
    diff.add_argument("--output", type=Path, metavar="FILE", help="write the report there")
    diff.set_defaults(command=_diff)


def _diff(options: argparse.Namespace) -> int:
    with compiled_once():
        return _compared(options)


def _compared(options: argparse.Namespace) -> int:
    from dagproof.audit.request import AuditRequest
    from dagproof.changes.base import compared
    from dagproof.diffing import diff
    from dagproof.reporters.known_secrets import known_secrets
    from dagproof.reporters.masking import masked
    from dagproof.terminal import Counter, Live

    started = time.monotonic()
    reporting.check_options(options)
    settings = load_settings(Path.cwd())
    comparison = compared(settings.root, options.base, os.environ)
    if comparison.unknown:
        raise UnavailableError(comparison.unknown)
    paths = _affected(settings, comparison)
    wanted = _wanted(settings, comparison, options.paths)
    progress = Live(sys.stderr).progress
    request = AuditRequest(allow=options.allow, timeout=options.timeout)
    with Counter(sys.stderr) as counter:
        told = diff(settings, comparison.commit, paths, progress, counter.count, request=request)
    report = Report(
        diffs=tuple(one for one in told.diffs if _is_wanted(one, wanted)),
        comparison=comparison,
        notes=told.notes,
        files=told.files,
        seconds=time.monotonic() - started,
    )
    report = masked(report, known_secrets({**os.environ, **settings.env}))
    write_report(_rendered(report, options.format), options.output)
    return 0


def _affected(settings: Settings, comparison: Comparison) -> list[Path] | None:
    """Return the DAG files that the change can affect, as they were or are; None for all."""
    from dagproof.impact import impact

    try:
        affected = impact(settings, comparison)
    except UnavailableError:
        return None  # there is none any more; there may have been some
    if affected.everything:
        return None
    files = [Path(one.path).absolute() for one in affected.affected]
    gone = [Path(path) for one in comparison.files for path in one.paths]
    return list(dict.fromkeys([*files, *(path for path in gone if not path.exists())]))


def _wanted(settings: Settings, comparison: Comparison, paths: Sequence[Path]) -> tuple[Path, ...]:
    """Return the files and folders whose DAGs are told of; none for all.

    Raises:
        UsageError: one is not there, and was not.
    """
    known = {path for one in comparison.files for path in one.paths}
    wanted = tuple(Path(os.path.abspath(path)) for path in paths)  # noqa: PTH100 - links stay
    for path in wanted:
        if not path.exists() and not any(Path(one).is_relative_to(path) for one in known):
            raise UsageError(f"{path} does not exist, and did not in {settings.root} at the base.")
    return wanted


def _is_wanted(diff: DagDiff, wanted: Sequence[Path]) -> bool:
    shapes = [shape for shape in (diff.before, diff.after) if shape is not None]
    files = [Path(shape.path).absolute() for shape in shapes]
    return not wanted or any(file.is_relative_to(path) for file in files for path in wanted)


def _rendered(report: Report, form: str) -> str:
    if form == "json":
        from dagproof.reporters.json import render

        return render(report)
    from dagproof.reporters.diff_text import render as render_text

    return render_text(report)
