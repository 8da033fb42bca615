"""A Python file, read once: its bytes, its tree, and where in it a node stands."""

import ast
import tokenize
from dataclasses import dataclass, field
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import Final

from dagproof.model import Span

Node = ast.expr | ast.stmt | ast.excepthandler | ast.keyword | ast.arg | ast.alias
"""A node that knows where it stands."""

START: Final = (1, 1, 1, 1)

NO_TEXT: Final = "the file is not UTF-8 and names no other encoding"

_HEAD: Final = 200
"""Bytes among which the name of an encoding must stand."""


@dataclass(eq=False, repr=False)
class SourceFile:
    """A Python file that has been parsed.

    Attributes:
        path: absolute.
        shown: the path as findings show it.
        data: the bytes of the file.
        tree: the parsed module; empty where the file is no Python.
        problem: why it is no Python, one sentence, else None.
        place: line, column, end line and end column of the problem.
    """

    path: Path
    shown: str
    data: bytes
    tree: ast.Module = field(default_factory=lambda: ast.Module([], []))
    problem: str | None = None
    place: tuple[int, int, int, int] = START

    @cached_property
    def folder(self) -> Path:
        """The folder that the file is in."""
        return self.path.parent

    @cached_property
    def text(self) -> str:
        """The decoded text; bytes that are no text are replaced."""
        try:
            encoding, _ = tokenize.detect_encoding(BytesIO(self.data).readline)
            return self.data.decode(encoding, "replace")
        except (SyntaxError, LookupError, UnicodeError):
            return self.data.decode("utf-8", "replace")

    @cached_property
    def lines(self) -> list[str]:
        """The lines as Python counts them, without their ends."""
        # Not splitlines: Python's parser does not end a line at form feeds and their like.
        return self.text.replace("\r\n", "\n").replace("\r", "\n").split("\n")

    def line(self, number: int) -> str:
        """Return a line, counted from one; empty where there is none."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""

    def span(self, node: Node) -> Span:
        """Return where a node stands; columns count characters, not bytes."""
        end_line = node.end_lineno or node.lineno
        return Span(
            self.shown,
            node.lineno,
            self._column(node.lineno, node.col_offset),
            end_line,
            self._column(end_line, node.end_col_offset or node.col_offset),
        )

    def span_of_problem(self) -> Span:
        """Return where the file stops being Python."""
        return Span(self.shown, *self.place)

    def _column(self, line: int, offset: int) -> int:
        if self.data.isascii():
            return offset + 1
        before = self.line(line).encode("utf-8", "replace")[:offset]
        return len(before.decode("utf-8", "ignore")) + 1


def parse(path: Path, shown: str, data: bytes) -> SourceFile:
    """Parse a file; one that is no Python comes back with its `problem` said."""
    if not data.isascii() and b"coding" not in data[:_HEAD]:
        try:
            data.decode("utf-8-sig")
        except UnicodeDecodeError as error:  # Python's parser lets it pass in comments
            line = data[: error.start].count(b"\n") + 1
            return SourceFile(path, shown, data, problem=NO_TEXT, place=(line, 1, line, 1))
    try:
        return SourceFile(path, shown, data, ast.parse(data))
    except SyntaxError as error:
        if error.lineno is None and b"\0" in data:
            return _with_nul(path, shown, data, error.msg)
        line, column = error.lineno or 1, error.offset or 1
        end = (error.end_lineno or line, max(error.end_offset or column, 1))
        where = (max(line, 1), max(column, 1), max(end[0], 1), end[1])
        return SourceFile(path, shown, data, problem=_sentence(error), place=where)
    except ValueError as error:  # NUL bytes, in old releases of Python 3.11
        return _with_nul(path, shown, data, f"{error}")
    except (RecursionError, MemoryError):
        return SourceFile(path, shown, data, problem="the code is nested too deeply to be parsed")


def _with_nul(path: Path, shown: str, data: bytes, problem: str) -> SourceFile:
    line = data[: max(data.find(b"\0"), 0)].count(b"\n") + 1
    return SourceFile(path, shown, data, problem=problem, place=(line, 1, line, 1))


def _sentence(error: SyntaxError) -> str:
    message = error.msg or "invalid syntax"
    if "codec can't decode" in message and "'unicodeescape'" not in message:
        return NO_TEXT
    return message
