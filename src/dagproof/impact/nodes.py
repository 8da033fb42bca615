"""Small questions about nodes of a syntax tree."""

import ast
from typing import Final

_NO_NODES: Final = frozenset({
    "arg", "level", "module", "op", "asname", "attr", "conversion", "ctx", "id", "is_async", "kind",
    "lineno", "ops", "rest", "simple", "type_comment", "type_ignores", "type_params",
})  # fmt: skip
"""Fields that hold texts, numbers or operators."""


def push_children(node: ast.AST, waiting: list[ast.AST]) -> None:
    """Put the nodes right below one on a stack, the first of them on top."""
    for name in _fields(type(node)):
        value = getattr(node, name, None)
        if type(value) is list:
            waiting += [one for one in reversed(value) if isinstance(one, ast.AST)]
        elif isinstance(value, ast.AST):
            waiting.append(value)


def _fields(kind: type[ast.AST]) -> tuple[str, ...]:
    """Return the fields of a kind of node that hold nodes to look at, last one first."""
    found = _FIELDS.get(kind)
    if found is None:
        names = (name for name in reversed(kind._fields) if name not in _NO_NODES)
        found = _FIELDS[kind] = tuple(names)
    return found


_FIELDS: Final[dict[type[ast.AST], tuple[str, ...]]] = {}


def without_names(node: ast.AST) -> ast.AST:
    """Return a path's parts: of `a.glob(b)` these are `a` and `b`, of `a.parents[0]` it is `a`."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
        given = (*node.args, *(keyword.value for keyword in node.keywords))
        return ast.Tuple([node.func.value, *given])
    if isinstance(node, ast.Subscript) and isinstance(node.value, ast.Attribute):
        return ast.Tuple([node.value.value])
    if isinstance(node, ast.JoinedStr):
        return ast.Tuple([one.value for one in node.values if isinstance(one, ast.FormattedValue)])
    return node


def last(node: ast.expr) -> str:
    """Return the last part of a dotted name; of what is none, an empty text."""
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def is_sys_path(node: ast.expr) -> bool:
    """Say whether an expression is `sys.path`, or a part of it."""
    if isinstance(node, ast.Subscript):
        node = node.value
    if not (isinstance(node, ast.Attribute) and node.attr == "path"):
        return False
    return isinstance(node.value, ast.Name) and node.value.id in {"sys", "_sys"}
