"""Walks a syntax tree, in the order of the source."""

import ast
from collections.abc import Iterator


def nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """Yield every node below one, parents first; faster than `ast.walk`, and in order."""
    stack = [tree]
    while stack:
        node = stack.pop()
        yield node
        inner: list[ast.AST] = []
        for value in node.__dict__.values():
            if isinstance(value, ast.AST):
                inner.append(value)
            elif type(value) is list:
                inner += [one for one in value if isinstance(one, ast.AST)]
        stack += reversed(inner)
