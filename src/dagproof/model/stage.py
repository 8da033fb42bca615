"""How far a gate got with each kind of evidence."""

from dataclasses import dataclass
from enum import StrEnum


class StageState(StrEnum):
    """What came of one kind of evidence."""

    CLEAN = "clean"
    FOUND = "found"
    UNABLE = "unable"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Stage:
    """One kind of evidence of a gate.

    Attributes:
        name: `lint`, `audit`, `contracts`, `run` or `diff`.
        state: what came of it.
        note: one sentence: what was looked at, why it was left out, or why nobody could look.
        seconds: wall-clock seconds; those of stages that run side by side overlap.
        exit_code: that the command of this stage would end with, by itself.
    """

    name: str
    state: StageState
    note: str = ""
    seconds: float = 0.0
    exit_code: int = 0
