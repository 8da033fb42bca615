"""The files that differ between a commit and the working tree."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dagproof.changes.git import ask
from dagproof.model import ChangedFile, FileFate

_CACHE: Final = "__pycache__"
_FATES: Final = {"A": FileFate.ADDED, "C": FileFate.ADDED, "D": FileFate.DELETED}


def changed(top: Path, commit: str) -> tuple[ChangedFile, ...]:
    """Return what differs from a commit, with what is not committed yet, in order of path.

    Args:
        top: the topmost folder of the repository.
        commit: its id.

    Raises:
        Refusal: git does not answer.
    """
    answer = ask(
        top, "diff", "--name-status", "-z", "--find-renames", "--no-ext-diff", "--no-textconv",
        commit, "--",
    )  # fmt: skip
    found = {one.path: one for one in _read(top, answer)}
    untracked = ask(top, "ls-files", "--others", "--exclude-standard", "-z")
    for name in filter(None, untracked.split("\0")):
        if _CACHE in name.split("/"):
            continue  # Python's own, where nobody told git to ignore it
        path = _absolute(top, name)
        # What is not in the index any more but still there is no deletion.
        fate = FileFate.MODIFIED if path in found else FileFate.ADDED
        found[path] = ChangedFile(path, fate)
    return tuple(sorted(found.values(), key=lambda one: one.path))


def _read(top: Path, answer: str) -> Iterator[ChangedFile]:
    words = iter(answer.split("\0"))
    for status in words:
        if not status:
            return
        path = _absolute(top, next(words))
        if status[0] == "R":
            yield ChangedFile(_absolute(top, next(words)), FileFate.RENAMED, path)
        elif status[0] == "C":
            yield ChangedFile(_absolute(top, next(words)), FileFate.ADDED)
        else:
            yield ChangedFile(path, _FATES.get(status[0], FileFate.MODIFIED))


def _absolute(top: Path, name: str) -> str:
    return (top / name).as_posix()
