"""What is written to files: shown first, then carried out, and never over somebody's own text."""

import difflib
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from dagproof.model import UnavailableError
from dagproof.reporters.characters import visible
from dagproof.verdict.files import replace

BOM: Final = b"\xef\xbb\xbf"
_CONTEXT: Final = 1


@dataclass(frozen=True, slots=True)
class Edit:
    """A file that is made, or that grows.

    Attributes:
        path: absolute.
        before: its bytes; None where there is no such file.
        after: its bytes when all is done.
    """

    path: Path
    before: bytes | None
    after: bytes


@dataclass(frozen=True, slots=True)
class Left:
    """A file that is left as it is.

    Attributes:
        path: absolute.
        why: one sentence.
        paste: lines for the user to paste; empty where nothing is missing.
    """

    path: Path
    why: str
    paste: str = ""


@dataclass(frozen=True, slots=True)
class Unwritable(Exception):  # noqa: N818 - it is an answer
    """Why a file cannot be extended: one sentence."""

    why: str


def content(path: Path, top: Path) -> bytes | None:
    """Return the bytes of a file that may be extended; None where there is no such file.

    Args:
        path: absolute.
        top: nothing outside of this folder is written to.

    Raises:
        Unwritable: it is no text file of the repository.
    """
    try:
        real = path.resolve()
        if top.resolve() not in real.parents:
            raise Unwritable(f"`{path.name}` is a link that leads out of the repository")
        if path.is_symlink() and not path.exists():
            raise Unwritable(f"`{path.name}` is a link to nothing")
        data = path.read_bytes() if path.is_file() else None
        if data is None and path.exists():
            raise Unwritable(f"`{path.name}` is no regular file")
    except (OSError, RuntimeError) as error:  # a RuntimeError where links go round in a circle
        why = getattr(error, "strerror", None) or "links in a circle"
        raise Unwritable(f"`{path.name}` cannot be read: {why}") from error
    try:
        (data or b"").decode()
    except UnicodeDecodeError:
        raise Unwritable(f"`{path.name}` is not UTF-8") from None
    return data


def newline(data: bytes) -> bytes:
    """Return how most lines of a file end."""
    windows = data.count(b"\r\n")
    return b"\r\n" if windows and windows * 2 >= data.count(b"\n") else b"\n"


def encoded(text: str, like: bytes) -> bytes:
    """Return text with line ends as those of a file.

    Raises:
        Unwritable: it holds a name that is no text.
    """
    try:
        return text.encode().replace(b"\n", newline(like))
    except UnicodeEncodeError:
        raise Unwritable("the name of a folder in it is no UTF-8") from None


def appended(data: bytes, text: str) -> bytes:
    """Return a file with lines at its end; not one byte before them changes."""
    ended = not data or data == BOM or data.endswith(b"\n")
    return data + (b"" if ended else newline(data)) + encoded(text, data)


def diff(edit: Edit, top: Path) -> str:
    """Return what an edit changes, as a short unified diff."""
    name = os.path.relpath(edit.path, top)
    lines = difflib.unified_diff(
        _lines(edit.before or b""),
        _lines(edit.after),
        "/dev/null" if edit.before is None else f"a/{name}",
        f"b/{name}",
        n=_CONTEXT,
        lineterm="",
    )
    return "".join(f"{visible(line)}\n" for line in lines)


def _lines(data: bytes) -> list[str]:
    return data.removeprefix(BOM).decode().replace("\r\n", "\n").split("\n")[: _count(data)]


def _count(data: bytes) -> int:
    """Return how many lines there are: what ends in a line break has no empty one behind it."""
    return data.count(b"\n") + (not data.endswith(b"\n")) if data else 0


def carry_out(edits: Iterable[Edit], top: Path) -> Iterator[Edit]:
    """Write files, each in one step; yield each that is written.

    Raises:
        UnavailableError: one cannot be written, or is not any more what it was when it was shown;
            the sentence says which.
    """
    edits = tuple(edits)
    for edit in edits:
        _check(edit, top)
    for edit in edits:
        try:
            edit.path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UnavailableError(
                f"{edit.path} cannot be written: {error.strerror}. Make {edit.path.parent} a "
                "folder that you may write to."
            ) from error
        replace(edit.path, edit.after)
        yield edit


def _check(edit: Edit, top: Path) -> None:
    """Refuse before the first file is written what would fail at the last."""
    try:
        same = content(edit.path, top) == edit.before
    except Unwritable as error:
        raise UnavailableError(f"{edit.path}: {error.why}; look at it, and try again.") from error
    if not same:
        raise UnavailableError(
            f"{edit.path} has changed since it was shown; start `dagproof init` again."
        )
    target = edit.path.resolve()
    folder = next(one for one in target.parents if one.exists())
    if not folder.is_dir():
        raise UnavailableError(
            f"{edit.path} cannot be written: {folder} is no folder. Move or remove it."
        )
    if not os.access(folder, os.W_OK | os.X_OK):
        raise UnavailableError(
            f"{edit.path} cannot be written: the folder {folder} is read-only. Make it writable."
        )
