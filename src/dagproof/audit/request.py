"""What the audit is asked, and whom it tells how far it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

OnFile = Callable[[int, int, str], None]
"""Told how many files are done, how many there are, and which one was the last."""


def nobody(*_: object) -> None:
    """Tell nobody."""


@dataclass(frozen=True, slots=True)
class AuditRequest:
    """What `dagproof audit` was asked.

    Attributes:
        paths: files and folders; none for the dags and plugins folders of the settings.
        select: words that name the rules to look for.
        ignore: words that name the rules not to look for.
        extend_select: words that name rules to look for beside the others.
        baseline: a file of known findings.
        write_baseline: write that file anew.
        allow: what is let through, beside what the settings let through.
        against: a commit; what was there before is not told.
        twice: whether every file is imported a second time, under other circumstances.
        timeout: wall-clock seconds for each file; None for what the settings say.
    """

    paths: Sequence[Path] = ()
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    extend_select: Sequence[str] = ()
    baseline: Path | None = None
    write_baseline: bool = False
    allow: Sequence[str] = ()
    against: str | None = None
    twice: bool = True
    timeout: float | None = None
