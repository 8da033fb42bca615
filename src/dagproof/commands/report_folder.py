"""The folder that a gate writes: its report in every format."""

import contextlib
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from dagproof.commands.reporting import render
from dagproof.model import Report, UnavailableError, UsageError
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
    if folder.exists() and not folder.is_dir():
        raise UsageError(f"The reports go into a folder, and {folder} is a file: name another.")
    check_output(folder / FILES["json"])
    for name in FILES.values():
        try:
            (folder / name).unlink(missing_ok=True)
        except OSError as error:
            raise UsageError(
                f"{folder / name} is in the way of a report and cannot be removed: "
                f"{error.strerror}."
            ) from error
    ignored = folder / ".gitignore"
    if not ignored.exists():
        write_report("*\n", ignored)


def made(report: Report) -> tuple[Mapping[str, str], tuple[str, ...]]:
    """Return the report in every format, and which files cannot be made, with the reasons.

    One that cannot be made keeps no other from being there.
    """
    texts, failed = {}, []
    for name, file in FILES.items():
        try:
            texts[name] = render(name, report)
        except Exception as error:  # noqa: BLE001 - the other formats are made all the same
            failed.append(f"{file} ({type(error).__name__}: {error})")
    return texts, tuple(failed)


def write(texts: Mapping[str, str], failed: Sequence[str], folder: Path) -> None:
    """Write reports, each in one step: whoever reads them meanwhile has a whole one.

    Args:
        texts: by format.
        failed: files that cannot be made, with the reasons.
        folder: is there.

    Raises:
        UsageError: a file cannot be written.
        UnavailableError: a format cannot be made, which is a defect of ours.
    """
    unwritten: list[UsageError] = []
    for name, text in texts.items():
        try:
            _replace(folder / FILES[name], text)
        except UsageError as error:
            unwritten.append(error)
    if unwritten:
        raise unwritten[0]
    if failed:
        raise UnavailableError(
            f"dagproof itself failed to make {', '.join(failed)}; the others are in {folder}."
        )


def _replace(file: Path, text: str) -> None:
    """Write a file beside its place, and put it there when it is whole."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        write_report(text, beside, called=file)
        beside.replace(file)
    except OSError as error:
        raise UsageError(f"The report cannot be written to {file}: {error.strerror}.") from error
    finally:
        with contextlib.suppress(OSError):
            beside.unlink(missing_ok=True)
