"""Where a repository begins: the folder that is set up, and the work tree that it lies in."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.changes.git import answer
from dagproof.model import UsageError
from dagproof.onboarding.edits import Unwritable

PROJECT: Final = "pyproject.toml"
_MAIN: Final = "main"
_PLAIN_FOLDER: Final = re.compile(r"\w[\w./ -]*")
_PLAIN_NAME: Final = re.compile(r"[\w./-]+")


@dataclass(frozen=True, slots=True)
class Repository:
    """A folder to set up.

    Attributes:
        root: absolute; where pyproject.toml is, or will be.
        top: absolute; of the git work tree, and `root` where there is none.
        in_git: whether there is a git work tree.
    """

    root: Path
    top: Path
    in_git: bool = True

    @property
    def below(self) -> str:
        """The root as the top sees it, with forward slashes; empty where they are the same."""
        return "" if self.root == self.top else self.root.relative_to(self.top).as_posix()

    def check(self) -> None:
        """Refuse what a shell and a workflow would read as more than the name of a folder.

        Raises:
            Unwritable: the root has such a name.
        """
        if self.below and not _PLAIN_FOLDER.fullmatch(self.below):
            raise Unwritable(f"the folder `{self.below}` has a name that would have to be quoted")

    @property
    def project(self) -> str:
        """What tells one project of a work tree from the others; empty where there is one."""
        return re.sub(r"[^\w.-]+", "-", self.below, flags=re.ASCII).strip("-")

    @property
    def branch(self) -> str:
        """The branch that pull requests are merged into."""
        said = ""
        try:
            said = answer(self.root, "symbolic-ref", "--short", "refs/remotes/origin/HEAD") or ""
            said = said.removeprefix("origin/")
            said = said or answer(self.root, "symbolic-ref", "--short", "HEAD") or _MAIN
        except UsageError:  # no git: the folder may become a repository later
            return _MAIN
        return said if _PLAIN_NAME.fullmatch(said) else _MAIN


def repository_at(start: Path) -> Repository:
    """Return the repository that a folder belongs to.

    The root is the folder of the nearest pyproject.toml, as every command finds it, but none
    outside of the work tree; where there is none, it is the folder itself.

    Args:
        start: absolute.
    """
    above = (start, *start.parents)
    top = next((folder for folder in above if (folder / ".git").exists()), None)
    within = above[: above.index(top) + 1] if top is not None else (start,)
    root = next((folder for folder in within if (folder / PROJECT).is_file()), start)
    return Repository(root, top or root, in_git=top is not None)
