"""Writes the repository as it was at a commit into a folder, byte for byte as git keeps it.

No filter runs, and no attribute counts: neither `export-ignore`, which would drop files, nor Git
LFS, whose pointers stay pointers.
"""

import os
import posixpath
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Final

from dagproof.changes.git import Refusal, answer, ask
from dagproof.model import UsageError

_LINK: Final = "120000"
_SUBMODULE: Final = "160000"
_EXECUTABLE: Final = "100755"
_PIECE: Final = 2**20
"""Bytes that are copied at a time."""

_WORDS_OF_HEAD: Final = 3
"""Id, type and size."""


@dataclass(frozen=True, slots=True)
class _Entry:
    """A file, a link or a submodule of a commit.

    Attributes:
        mode: as git writes it.
        object: its id.
        path: below the top of git's repository.
    """

    mode: str
    object: str
    path: str


def take_out(root: Path, commit: str, scratch: Path) -> Path:
    """Write the files of a commit into a folder.

    Of a larger repository only what lies in `root` is written, and what links lead to from there.
    Submodules are written as far as they are checked out; links that lead out of the repository are
    left out.

    Args:
        root: a folder of a git repository.
        commit: whatever git takes for one.
        scratch: a folder that is there and has no `repository` in it.

    Returns:
        Where `root` lies in the copy; it may not be there, if it was not at the commit.

    Raises:
        UsageError: there is no git repository, or no such commit.
    """
    top = _top(root)
    found = None if commit.startswith("-") else answer(
        root, "rev-parse", "--verify", "--quiet", f"{commit}^{{commit}}"
    )  # fmt: skip
    if not found:
        raise UsageError(
            f"{root} has no commit `{commit}`; a shallow clone may lack it: fetch it first, with "
            "`fetch-depth: 0` of actions/checkout."
        )
    files = scratch / "repository"
    files.mkdir()
    inside = os.path.relpath(root.resolve(), top.resolve())
    _write(top, found, "" if inside == "." else inside, files)
    return files / inside


def _top(root: Path) -> Path:
    """Return the folder of git's repository.

    Raises:
        UsageError: there is none, or git does not want to look.
    """
    try:
        return Path(ask(root, "rev-parse", "--show-toplevel").removesuffix("\n"))
    except Refusal as refusal:
        if "dubious ownership" in refusal.said:
            raise UsageError(
                f"{root} belongs to somebody else, so that git does not look: "
                f"`{str(refusal).strip()}` lets it."
            ) from refusal
        raise UsageError(f"{root} is in no git repository.") from refusal


def _write(top: Path, commit: str, inside: str, files: Path) -> None:
    """Write what lies in a folder of a commit, and what links lead to."""
    entries = {one.path: one for one in _entries(top, commit)}
    links: list[Path] = []
    waiting, seen = [inside], set[str]()
    while waiting:
        wanted = waiting.pop()
        if wanted in seen:
            continue
        seen.add(wanted)
        new = [one for one in entries.values() if _covers(wanted, one)]
        for folder in {posixpath.dirname(one.path) for one in new}:
            (files / folder).mkdir(parents=True, exist_ok=True)
        for entry in new:
            del entries[entry.path]
            if entry.mode == _SUBMODULE:
                _write_submodule(top / entry.path, entry.object, files / entry.path)
        waiting += _fill(top, [one for one in new if one.mode != _SUBMODULE], files, links)
    for place in links:  # by way of another link, one may lead out after all
        if not place.resolve().is_relative_to(files.resolve()):
            place.unlink()


def _fill(top: Path, entries: Sequence[_Entry], files: Path, links: list[Path]) -> Iterator[str]:
    """Write files and links; yield the paths within the repository to which links lead."""
    for entry, size, stream in _contents(top, entries):
        place = os.path.join(files, entry.path)  # noqa: PTH118 - of many files
        if entry.mode == _LINK:
            target = os.fsdecode(stream.read(size))
            led = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), target))
            if not target.startswith("/") and led.split("/")[0] != "..":
                os.symlink(target, place)  # noqa: PTH211 - as text
                links.append(Path(place))
                yield "" if led == "." else led
            continue
        with open(place, "wb") as file:  # noqa: PTH123 - of many files
            _copy(stream, file, size)
        if entry.mode == _EXECUTABLE:
            Path(place).chmod(0o755)


def _covers(wanted: str, entry: _Entry) -> bool:
    """Say whether an entry is what is wanted, lies in it, or is a link on the way to it."""
    path = entry.path
    if not wanted or path == wanted or path.startswith(f"{wanted}/"):
        return True
    return entry.mode in {_LINK, _SUBMODULE} and wanted.startswith(f"{path}/")


def _write_submodule(module: Path, commit: str, place: Path) -> None:
    """Write a submodule, where its commit is there; else leave its folder empty, as git does."""
    place.mkdir(exist_ok=True)
    if (module / ".git").exists() and answer(module, "cat-file", "-t", commit):
        _write(module, commit, "", place)


def _entries(top: Path, commit: str) -> Iterator[_Entry]:
    """Yield everything that a commit has, except what would be written elsewhere."""
    for line in ask(top, "ls-tree", "-r", "-z", "--full-tree", commit).split("\0"):
        about, _, path = line.partition("\t")
        parts = path.split("/")
        if path and not {"", ".", "..", ".git"} & {*parts}:
            mode, _, name = about.split(" ")
            yield _Entry(mode, name, path)


def _contents(top: Path, entries: Sequence[_Entry]) -> Iterator[tuple[_Entry, int, IO[bytes]]]:
    """Yield entries with the sizes of their contents, and a stream to read just that much from.

    Raises:
        UsageError: a content is not there, as in a clone that fetches objects when they are needed.
    """
    if not entries:
        return
    with TemporaryFile() as names:
        names.writelines(f"{entry.object}\n".encode() for entry in entries)
        names.seek(0)
        command = ["git", "-C", str(top), "cat-file", "--batch", "--buffer"]
        with subprocess.Popen(
            command, stdin=names, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        ) as process:
            stream = process.stdout
            if stream is None:
                raise AssertionError
            for entry in entries:
                head = stream.readline().split()
                if len(head) != _WORDS_OF_HEAD:
                    raise UsageError(
                        f"{top} lacks files of that commit: fetch them first, without `filter`."
                    )
                yield entry, int(head[2]), stream
                stream.read(1)


def _copy(stream: IO[bytes], file: IO[bytes], size: int) -> None:
    """Copy so many bytes.

    Raises:
        UsageError: there are not so many.
    """
    while size:
        piece = stream.read(min(size, _PIECE))
        if not piece:
            raise UsageError("git ended while it read the files of that commit.")
        file.write(piece)
        size -= len(piece)
