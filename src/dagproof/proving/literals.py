"""Finds string literals in source files, to point at the template or the Param that is meant."""

import ast
from collections.abc import Iterator
from pathlib import Path

from dagproof.model import Span


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


def _texts(node: ast.AST) -> Iterator[tuple[str, ast.expr]]:
    """Yield what may be named: literals, and keywords, which are names of Params in `dict(...)`."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, node


def _span(path: str, lines: list[bytes], place: ast.expr) -> Span:
    end_line = place.end_lineno or place.lineno
    end = place.end_col_offset or place.col_offset
    return Span(
        path,
        place.lineno,
        _characters(lines, place.lineno, place.col_offset) + 1,
        end_line,
        _characters(lines, end_line, end) + 1,
    )


def _characters(lines: list[bytes], line: int, column: int) -> int:
    return len(lines[line - 1][:column].decode(errors="replace")) if line <= len(lines) else column
