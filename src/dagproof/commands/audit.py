"""`dagproof audit`: imports DAG files as Airflow does, watched, and says what that did."""

import argparse
import sys
from pathlib import Path

from dagproof.commands import reporting
from dagproof.commands.compiled import compiled_once
from dagproof.config import load_settings


def add(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add the command."""
    audit = commands.add_parser(
        "audit",
        help="import DAG files in watched processes, and say what that did",
        description=(
            "Imports every DAG file as Airflow does, in processes that are watched and from which "
            "nothing gets out. Without PATHS: the dags and plugins folders of pyproject.toml. Exit "
            "code 1 where errors or warnings are found, 0 where there are none or notes alone."
        ),
    )
    audit.add_argument("paths", nargs="*", type=Path, metavar="PATH", help="a file or a folder")
    reporting.add_selection(audit)
    reporting.add_allow(audit)
    audit.add_argument(
        "--against", metavar="REF",
        help="tell only what is new since a commit, and imports that cost more than there",
    )  # fmt: skip
    audit.add_argument(
        "--once", action="store_true",
        help="do not import every file a second time, under another clock, hash seed, folder, ...",
    )  # fmt: skip
    audit.add_argument(
        "--timeout", type=reporting.seconds, metavar="SECONDS", help="for each file; default 30"
    )
    reporting.add_options(audit)
    audit.set_defaults(command=_audit)


def _audit(options: argparse.Namespace) -> int:
    with compiled_once():
        return _watched(options)


def _watched(options: argparse.Namespace) -> int:
    from dagproof.audit import AuditRequest, audit
    from dagproof.terminal import Counter, Live

    reporting.check_options(options)
    request = AuditRequest(
        **reporting.selection(options),
        allow=options.allow,
        against=options.against,
        twice=not options.once,
        timeout=options.timeout,
    )
    settings = load_settings(Path.cwd())
    with Counter(sys.stderr) as counter:
        report = audit(settings, request, Live(sys.stderr).progress, counter.count)
    return reporting.tell(report, options)
