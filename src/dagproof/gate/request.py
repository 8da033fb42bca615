"""What a gate is asked."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

STAGES: Final = ("lint", "audit", "contracts", "run", "diff")


@dataclass(frozen=True, slots=True)
class GateRequest:
    """What `dagproof gate` was asked.

    Attributes:
        base: what to compare with; None for what CI says, or the main branch.
        everything: whether all is looked at, whatever has changed.
        skipped: of `STAGES`, those that are left out.
        select: words that name the rules to look for.
        ignore: words that name the rules not to look for.
        extend_select: words that name rules to look for beside the others.
        baseline: a file of known findings.
        new_only: whether what was there at the base counts for nothing.
        allow: what imports may do, beside what the settings let through.
        backend: what stands behind the services, where that was asked for.
    """

    base: str | None = None
    everything: bool = False
    skipped: Sequence[str] = ()
    select: Sequence[str] = ()
    ignore: Sequence[str] = ()
    extend_select: Sequence[str] = ()
    baseline: Path | None = None
    new_only: bool = False
    allow: Sequence[str] = ()
    backend: str | None = None
