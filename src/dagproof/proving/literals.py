"""Finds string literals in source files, to point at the template or the Param that is meant."""

import ast
from collections.abc import Iterator
from pathlib import Path

from dagproof.model import Span

Place = tuple[int, int, int, int]
"""Line and column, in bytes, of the beginning and the end."""


class Literals:
    """Reads each file once."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, list[Span]]] = {}

    def find(self, path: str, text: str, near: Span | None) -> Span | None:
        """Return where a text stands in a file; None where it does not.

        Args:
            path: as findings show it.
            text: the value of the literal.
            near: where to look first; the one that is nearest is returned.
        """
        if path not in self._known:
            self._known[path] = _literals(path)
        spans = self._known[path].get(text, [])
        if near is None or near.path != path:
            return spans[0] if spans else None
        return min(spans, key=lambda span: _distance(span, near), default=None)


def _distance(span: Span, near: Span) -> tuple[int, int]:
    if near.line <= span.line <= near.end_line:
        return 0, span.line
    return min(abs(span.line - near.line), abs(span.line - near.end_line)), span.line


def _literals(path: str) -> dict[str, list[Span]]:
    found: dict[str, list[Span]] = {}
    try:
        data = Path(path).read_bytes()
        tree = ast.parse(data)
    except (OSError, SyntaxError, ValueError, RecursionError):
        return found
    lines = data.splitlines()
    for node in ast.walk(tree):
        for text, place in _texts(node):
            found.setdefault(text, []).append(_span(path, lines, place))
    return found


def _texts(node: ast.AST) -> Iterator[tuple[str, Place]]:
    """Yield what may be named: literals, and keywords of `dict(...)`, which are names of Params."""
    match node:
        case ast.Constant(value=str(text)):
            yield text, _whole(node)
        case ast.Call(func=ast.Name("dict")):
            for one in node.keywords:
                line, column = one.lineno, one.col_offset
                if one.arg is not None:
                    yield one.arg, (line, column, line, column + len(one.arg.encode()))


def _whole(node: ast.Constant) -> Place:
    end_line, end = node.end_lineno, node.end_col_offset
    return node.lineno, node.col_offset, end_line or node.lineno, end or node.col_offset


def _span(path: str, lines: list[bytes], place: Place) -> Span:
    line, column, end_line, end = place
    return Span(
        path,
        line,
        _characters(lines, line, column) + 1,
        end_line,
        _characters(lines, end_line, end) + 1,
    )


def _characters(lines: list[bytes], line: int, column: int) -> int:
    return len(lines[line - 1][:column].decode(errors="replace")) if line <= len(lines) else column
