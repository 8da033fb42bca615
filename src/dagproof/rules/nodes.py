"""Walks a syntax tree, in the order of the source."""

import ast
from collections.abc import Collection, Iterator
from functools import lru_cache
from typing import Final

from dagproof.source.file import SourceFile
from dagproof.source.values import Function

_NO_NODES: Final = frozenset({
    "arg", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind", "level", "module", "op",
    "ops", "rest", "simple", "type_comment", "type_ignores",
})  # fmt: skip
"""Fields that hold texts, numbers or operators."""


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield a node and every one below it but operators, parents first; faster than `ast.walk`."""
    yield tree
    yield from below(tree)


@lru_cache(maxsize=2)
def every_node(source: SourceFile) -> tuple[ast.AST, ...]:
    """Return the nodes of a file, for rules that look at all of them one after the other."""
    return tuple(nodes(source.tree))


@lru_cache(maxsize=256)
def text_of(function: Function) -> bytes:
    """Return the lines of a function as bytes."""
    node = function.node
    return b"\n".join(_lines_of(function.source)[node.lineno - 1 : node.end_lineno])


@lru_cache(maxsize=4)
def _lines_of(source: SourceFile) -> list[bytes]:
    return source.data.split(b"\n")


def below(top: ast.AST, stop: Collection[type[ast.AST]] = ()) -> Iterator[ast.AST]:
    """Yield every node below one, parents first, but not what is inside the kinds in `stop`."""
    stack = [top]
    while stack:
        node = stack.pop()
        if node is not top:
            yield node
            if type(node) in stop:
                continue
        for field in _fields(type(node)):
            value = getattr(node, field)
            if type(value) is list:
                stack += [one for one in reversed(value) if isinstance(one, ast.AST)]
            elif isinstance(value, ast.AST):
                stack.append(value)


_FIELDS: Final[dict[type[ast.AST], tuple[str, ...]]] = {ast.Constant: ()}


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a kind of node that hold nodes, last one first."""
    found = _FIELDS.get(kind)
    if found is None:
        fields = [field for field in kind._fields if field not in _NO_NODES]
        if kind in (ast.arg, ast.keyword, ast.alias):
            fields = [field for field in fields if field in ("annotation", "value")]
        found = _FIELDS[kind] = tuple(reversed(fields))
    return found
