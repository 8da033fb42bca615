"""Asks git, and tells in one sentence what it refuses."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dagproof.model import UsageError


@dataclass(frozen=True, slots=True)
class Refusal(Exception):  # noqa: N818 - it is an answer
    """What git said in place of an answer."""

    said: str

    def __str__(self) -> str:
        """Return its last line."""
        return self.said.strip().rpartition("\n")[2].removeprefix("fatal: ")


def ask(folder: Path, *arguments: str, environ: Mapping[str, str] | None = None) -> str:
    """Return what git answers, as it is.

    Args:
        folder: where it is asked.
        arguments: the command.
        environ: variables beside those of the process.

    Raises:
        Refusal: it does not answer.
        UsageError: there is no git.
    """
    try:
        done = subprocess.run(
            ["git", "-C", str(folder), *arguments],
            capture_output=True,
            check=False,
            env={**os.environ, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", **(environ or {})},
        )
    except FileNotFoundError as error:
        raise UsageError("git is needed to compare with a commit, and is not installed.") from error
    if done.returncode:
        raise Refusal(os.fsdecode(done.stderr))
    return os.fsdecode(done.stdout)


def answer(folder: Path, *arguments: str) -> str | None:
    """Return a line that git answers, without blanks around it; None where it does not.

    Raises:
        UsageError: there is no git.
    """
    try:
        return ask(folder, *arguments).strip()
    except Refusal:
        return None
