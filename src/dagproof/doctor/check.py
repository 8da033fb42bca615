"""One thing that was looked at: what is so, and what mends it."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How much it matters."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at.

    Attributes:
        name: what.
        state: a problem keeps a command from working, a warning may surprise.
        sentence: what is so.
        command: that mends it, ready to paste; empty where there is nothing to mend, or where no
            command does.
    """

    name: str
    state: State
    sentence: str
    command: str = ""


def ok(name: str, sentence: str) -> Check:
    """Return that something is as it should be."""
    return Check(name, State.OK, sentence)


def warning(name: str, sentence: str, command: str = "") -> Check:
    """Return that something may surprise."""
    return Check(name, State.WARNING, sentence, command)


def problem(name: str, sentence: str, command: str = "") -> Check:
    """Return that something keeps a command from working."""
    return Check(name, State.PROBLEM, sentence, command)
