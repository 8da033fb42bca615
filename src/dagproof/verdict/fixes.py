"""Applies the edits that findings offer, and shows them as a diff; writes nothing."""

import ast
import difflib
import re
import tokenize
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from itertools import pairwise
from typing import Final

from dagproof.model import Edit, Finding, Unread

LINE_END: Final = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Fixed:
    """What the edits make of the files.

    Attributes:
        contents: the new bytes of each file that changes.
        mended: the findings whose edits are in there.
        skipped: how many findings offer edits that overlap those of another; a second round may
            find room for them.
        refused: the files that are left alone, and why: one sentence.
    """

    contents: Mapping[str, bytes]
    mended: tuple[Finding, ...]
    skipped: int
    refused: tuple[Unread, ...]


@dataclass(frozen=True, slots=True, order=True)
class _Change:
    start: int
    end: int
    text: str


def apply(findings: Sequence[Finding], read: Callable[[str], bytes]) -> Fixed:
    """Apply the edits of findings, all of one finding or none.

    Line ends, byte order mark and encoding stay as they are. A file that would not parse any more
    is left alone.

    Args:
        findings: each with edits of its own file only.
        read: returns the bytes of a file by its path as it is shown.
    """
    contents: dict[str, bytes] = {}
    mended: list[Finding] = []
    refused: list[Unread] = []
    skipped = 0
    for path, offers in _by_file(findings).items():
        try:
            old = read(path)
            taken, new = _rewritten(old, offers)
        except (
            OSError,
            ValueError,
            SyntaxError,
            LookupError,
            RecursionError,
            MemoryError,
        ) as error:
            refused.append(Unread(path, f"its fixes are not applied: {_reason(error)}"))
            continue
        mended += taken
        skipped += len(offers) - len(taken)
        if new != old:
            contents[path] = new
    return Fixed(contents, tuple(mended), skipped, tuple(refused))


def diff(contents: Mapping[str, bytes], read: Callable[[str], bytes]) -> str:
    """Return a unified diff from the files as they are to their new contents."""
    return "".join(_diff(path, read(path), new) for path, new in sorted(contents.items()))


def _by_file(findings: Sequence[Finding]) -> Mapping[str, list[Finding]]:
    by_file: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.edits:
            by_file.setdefault(finding.span.path, []).append(finding)
    return by_file


def _rewritten(old: bytes, offers: Sequence[Finding]) -> tuple[list[Finding], bytes]:
    """Return the findings that are mended, and the new bytes.

    Raises:
        ValueError, SyntaxError, LookupError: there is no way to encode them, or they do not parse.
    """
    encoding, _ = tokenize.detect_encoding(BytesIO(old).readline)
    text = old.decode(encoding)
    ends = list(LINE_END.finditer(text))
    starts = [0, *(end.end() for end in ends)]
    newline = ends[0][0] if ends else "\n"
    changes: list[_Change] = []
    mended = []
    for finding in offers:
        wanted = [_change(edit, starts, len(text), newline) for edit in finding.edits]
        more = [change for change in wanted if change not in changes]
        if _apart([*changes, *more]):
            changes += more
            mended.append(finding)
    new = _joined(text, changes).encode(encoding)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the file's own, which nobody asked for here
        ast.parse(new)
    return mended, new


def _change(edit: Edit, starts: Sequence[int], length: int, newline: str) -> _Change:
    def offset(line: int, column: int) -> int:
        return min(starts[line - 1] + column - 1, length) if line <= len(starts) else length

    span = edit.span
    start, end = offset(span.line, span.column), offset(span.end_line, span.end_column)
    return _Change(start, end, LINE_END.sub(newline, edit.text))


def _apart(changes: Sequence[_Change]) -> bool:
    """Say whether no two overlap; insertions at one place do not."""
    ordered = sorted(changes)
    return all(one.end <= other.start for one, other in pairwise(ordered))


def _joined(text: str, changes: Sequence[_Change]) -> str:
    parts = []
    place = 0
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        parts += [text[place : change.start], change.text]
        place = change.end
    return "".join([*parts, text[place:]])


def _reason(error: BaseException) -> str:
    match error:
        case UnicodeEncodeError():
            return "its encoding has no such character"
        case UnicodeDecodeError() | LookupError():
            return "its encoding is unknown or wrong"
        case SyntaxError(lineno=None):  # of the declaration of the encoding
            return "its encoding is unknown or wrong"
        case SyntaxError():
            return f"the result is no Python any more ({error.msg}, line {error.lineno})"
        case OSError():
            return f"it cannot be read: {error.strerror}"
    return f"the result is no Python any more ({error})"


def _diff(path: str, old: bytes, new: bytes) -> str:
    name = path.lstrip("/")
    before, after = (_lines(data) for data in (old, new))
    lines = difflib.unified_diff(before, after, f"a/{name}", f"b/{name}")
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    )


def _lines(data: bytes) -> list[str]:
    encoding, _ = tokenize.detect_encoding(BytesIO(data).readline)
    return re.findall(r"[^\n]*\n|[^\n]+", data.decode(encoding))
