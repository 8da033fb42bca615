"""From what a child wrote down to the nouns: places in files, with columns in characters."""

import os
import re
import zipfile
from collections.abc import Callable, Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any, Final

from dagproof.import_audit.frames import CALLED
from dagproof.model import Related, Span

_OURS: Final = re.compile(r'"(<frozen importlib|.*/dagproof/import_audit/)')
_LONGEST_WAY: Final = 20
_FRAME: Final = re.compile(r'^  File "(?P<path>.+)", line (?P<line>\d+) in ', re.MULTILINE)

Show = Callable[[Path], str]


class Sources:
    """The text of files, each read once.

    Args:
        show: returns a path as findings show it.
    """

    def __init__(self, show: Show) -> None:
        self._show = show
        self._lines: dict[str, Sequence[bytes]] = {}

    def shown(self, path: str) -> str:
        """Return a path as findings show it."""
        return self._show(Path(path))

    def whole(self, path: str, line: int = 1) -> Span:
        """Return the beginning of a line."""
        return Span(self.shown(path), line, 1, line, 1)

    def span(self, place: Sequence[Any]) -> Span:
        """Return a place as a span."""
        path, line, end_line, column, end_column, _ = place
        begin = self._characters(path, line, column) + 1
        end = self._characters(path, end_line, end_column) + 1
        if (end_line, end) <= (line, begin):
            begin, end_line, end = self._text_of(path, line)
        return Span(self.shown(path), line, begin, end_line, end)

    def located(self, places: Sequence[Any], path: str) -> tuple[Span, tuple[Related, ...]]:
        """Return the innermost place, and the way there, outermost first.

        Args:
            places: outermost first.
            path: of the DAG file, where there is no place.
        """
        if not places:
            return self.whole(path), ()
        *outer, inner = places
        steps = [Related(self.span(place), place[5] or CALLED) for place in outer]
        return self.span(inner), tuple(dict.fromkeys(steps))[:_LONGEST_WAY]

    def stack(self, text: str, owns: Callable[[str], bool]) -> list[tuple[Any, ...]]:
        """Return the repository's places of the stack of the main thread; outermost first."""
        stacks = text.split("(most recent call first):\n")[1:]
        current = "Current thread" in text.partition("(most recent call first):")[0]
        main = stacks[:1] if current else stacks[-1:]
        frames = [
            (match["path"], int(match["line"])) for one in main for match in _FRAME.finditer(one)
        ]
        own = [(path, line, line, 0, 0, CALLED) for path, line in frames if owns(path)]
        return own[::-1]

    def told(self, text: str) -> str:
        """Return what Python wrote about a crash, without the frames that led to the import."""
        head, mark, stack = text.strip().partition("(most recent call first):\n")
        frames = list(takewhile(lambda line: not _OURS.search(line), stack.splitlines()))
        return "\n".join([f"{head}{mark}".rstrip(), *frames]).strip()

    def _text_of(self, path: str, line: int) -> tuple[int, int, int]:
        """Return the columns of what stands on a line."""
        text = self._line(path, line).decode(errors="replace")
        begin = len(text) - len(text.lstrip()) + 1
        return begin, line, max(begin, len(text.rstrip()) + 1)

    def _characters(self, path: str, line: int, column: int) -> int:
        return len(self._line(path, line)[:column].decode(errors="replace"))

    def _line(self, path: str, line: int) -> bytes:
        if path not in self._lines:
            self._lines[path] = _read(path).splitlines() or [b""]
        lines = self._lines[path]
        return lines[line - 1] if 0 < line <= len(lines) else b""


def _read(path: str) -> bytes:
    """Return the bytes of a file, or of a member of a zip archive; nothing where there is none."""
    try:
        if os.path.isfile(path):  # noqa: PTH113 - as text
            return Path(path).read_bytes()
        archive, dot_zip, member = path.partition(".zip/")
        if dot_zip:
            with zipfile.ZipFile(f"{archive}.zip") as opened:
                return opened.read(member)
    except (OSError, KeyError, zipfile.BadZipFile):
        pass
    return b""
