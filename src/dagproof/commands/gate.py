"""`dagproof gate`: everything that a change affects, one verdict, every report."""

import argparse
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from dagproof.commands import report_folder, reporting
from dagproof.commands.compiled import compiled_once
from dagproof.commands.services import BACKENDS_HELP
from dagproof.config import BACKENDS, load_settings
from dagproof.gate.request import STAGES
from dagproof.model import DagproofError, Report, Stage


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    gate = commands.add_parser(
        "gate",
        help="all of it, for what a change affects: one verdict, every report",
        description=(
            "Reads, imports, tries and runs what a change affects, and says how its DAGs have "
            "changed. Without --base it compares with the pull request's base, with what the merge "
            "queue or the push stands on, or with where this branch left the main one; where that "
            "cannot be known, everything is checked. Exit code 0 clean, 1 findings or a failed "
            "run, 2 wrong question, 3 something could not be looked at."
        ),
    )
    gate.add_argument("--base", metavar="REF", help="compare with this commit, branch or tag")
    gate.add_argument("--all", action="store_true", help="check everything, whatever has changed")
    gate.add_argument(
        "--skip", type=_stages, action="extend", default=[], metavar="STAGES",
        help="leave out lint, audit, contracts, run or diff, with commas",
    )  # fmt: skip
    gate.add_argument(
        "--new-only", action="store_true", help="hold back what was there at the base already"
    )
    gate.add_argument("--services", choices=BACKENDS, help=BACKENDS_HELP)
    reporting.add_selection(gate, write=False)
    reporting.add_allow(gate)
    gate.add_argument(
        "--format", choices=("text", "json", "github"), default="text",
        help="what standard output gets; text by default, and annotations beside it on GitHub",
    )  # fmt: skip
    gate.add_argument(
        "--output", type=Path, default=report_folder.FOLDER, metavar="FOLDER",
        help=f"where all reports go; default {report_folder.FOLDER}",
    )  # fmt: skip
    gate.set_defaults(command=_gate)


def _stages(text: str) -> list[str]:
    """Return names of stages.

    Raises:
        ArgumentTypeError: there is no such stage.
    """
    names = reporting.words(text)
    for name in names:
        if name not in STAGES:
            raise argparse.ArgumentTypeError(f"expected {', '.join(STAGES)}, not {name!r}")
    return names


def _gate(options: argparse.Namespace) -> int:
    with compiled_once():
        return _judged(options)


def _judged(options: argparse.Namespace) -> int:
    from dagproof.gate import composition
    from dagproof.gate.request import GateRequest
    from dagproof.reporters.gate_text import LIVE
    from dagproof.reporters.known_secrets import known_secrets
    from dagproof.reporters.masking import masked, masker
    from dagproof.terminal import Live

    settings = load_settings(Path.cwd())
    request = GateRequest(
        base=options.base,
        everything=options.all,
        skipped=options.skip,
        select=options.select,
        ignore=options.ignore,
        extend_select=options.extend_select,
        baseline=options.baseline,
        new_only=options.new_only,
        allow=options.allow,
        backend=options.services,
    )
    report_folder.prepare(options.output)
    live = Live(sys.stderr)
    known = known_secrets({**os.environ, **settings.env})
    mask = masker(known)

    def progress(text: str) -> None:
        live.progress(mask(text).replace("##[", "## ["))  # GitHub obeys that anywhere in a line

    def on_stage(stage: Stage) -> None:
        progress(f"{stage.name}: {LIVE[stage.state]}. {stage.note}")

    report = masked(composition.gate(settings, request, os.environ, progress, on_stage), known)
    texts, failed = report_folder.made(report)
    unwritten = _written(texts, failed, options.output)
    _tell(report, texts, options, os.environ)
    if unwritten is not None:
        raise unwritten
    live.say(f"Reports in {options.output}")
    return report.exit_code


def _written(texts: Mapping[str, str], failed: Sequence[str], folder: Path) -> DagproofError | None:
    """Write the reports; return what is wrong, so that the verdict is told before it."""
    try:
        report_folder.write(texts, failed, folder)
    except DagproofError as error:
        return error
    return None


def _tell(
    report: Report,
    texts: Mapping[str, str],
    options: argparse.Namespace,
    environ: Mapping[str, str],
) -> None:
    """Write what a person, and what GitHub, is to see."""
    from dagproof.reporters import github
    from dagproof.terminal import append_report, write_report

    on_github = environ.get("GITHUB_ACTIONS") == "true"
    if options.format == "text":
        text = reporting.render("text", report)
        write_report(github.stop_commands(text, secrets.token_hex(16)) if on_github else text, None)
    if options.format == "json":
        write_report(reporting.render("json", report), None)
    if options.format == "github" or (on_github and options.format == "text"):
        write_report(reporting.render("github", report), None)
    if on_github and environ.get("GITHUB_STEP_SUMMARY"):
        append_report(texts.get("markdown", ""), Path(environ["GITHUB_STEP_SUMMARY"]))
