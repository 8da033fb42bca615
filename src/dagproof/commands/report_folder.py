"""The folder that a gate writes: its report in every format."""

import contextlib
from pathlib import Path
from typing import Final

from dagproof.commands.reporting import render
from dagproof.model import Report, UnavailableError
from dagproof.terminal import check_output, write_report

FOLDER: Final = Path("dagproof-report")

FILES: Final = {
    "json": "report.json",
    "sarif": "report.sarif",
    "junit": "junit.xml",
    "markdown": "summary.md",
    "html": "report.html",
}
"""File names by format."""


def prepare(folder: Path) -> None:
    """Make the folder, and remove what an earlier gate has written there.

    Raises:
        UsageError: it cannot be written.
    """
    check_output(folder / FILES["json"])
    for name in FILES.values():
        with contextlib.suppress(FileNotFoundError):
            (folder / name).unlink()
    ignored = folder / ".gitignore"
    if not ignored.exists():
        write_report("*\n", ignored)


def write(report: Report, folder: Path) -> None:
    """Write the report in every format; one that cannot be made keeps no other from being there.

    Raises:
        UsageError: a file cannot be written.
        UnavailableError: a format cannot be made, which is a defect of ours.
    """
    failed = []
    for name, file in FILES.items():
        try:
            text = render(name, report)
        except Exception as error:  # noqa: BLE001 - the other formats are written all the same
            failed.append(f"{file} ({type(error).__name__}: {error})")
            continue
        write_report(text, folder / file)
    if failed:
        raise UnavailableError(
            f"dagproof itself failed to make {', '.join(failed)}; the others are in {folder}."
        )
