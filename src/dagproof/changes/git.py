"""Asks git, and tells in one sentence what it refuses."""

import os
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.model import UsageError

_OF_HOOKS: Final = {"GIT_DIR", "GIT_INDEX_FILE", "GIT_PREFIX"}


@dataclass(frozen=True, slots=True)
class Refusal(Exception):  # noqa: N818 - it is an answer
    """What git said in place of an answer."""

    said: str

    def __str__(self) -> str:
        """Return its last line."""
        last = self.said.strip().rpartition("\n")[2].removeprefix("fatal: ")
        return last or "git ended without a word"


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
            env={**_environment(), **(environ or {})},
        )
    except FileNotFoundError as error:
        raise UsageError("git is needed to compare with a commit, and is not installed.") from error
    except OSError as error:
        raise UsageError(
            f"git is needed to compare with a commit, and cannot be started: {error.strerror}."
        ) from error
    if done.returncode:
        raise Refusal(os.fsdecode(done.stderr))
    return os.fsdecode(done.stdout)


def _environment() -> dict[str, str]:
    """Return the environment without what git tells its hooks of their repository.

    With `GIT_DIR` alone git takes any folder for the topmost one.
    """
    of_hooks = set() if "GIT_WORK_TREE" in os.environ else _OF_HOOKS
    inherited = {name: value for name, value in os.environ.items() if name not in of_hooks}
    return {**inherited, "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0"}


def answer(folder: Path, *arguments: str) -> str | None:
    """Return a line that git answers, without blanks around it; None where it does not.

    Raises:
        UsageError: there is no git.
    """
    try:
        return ask(folder, *arguments).strip()
    except Refusal:
        return None
