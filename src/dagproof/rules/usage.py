"""Where a value that is computed at import ends up."""

import ast
from collections.abc import Iterator
from typing import Final

from dagproof.rules.reading import Reading
from dagproof.source.values import Event

_FUNCTIONS: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda)

_CASTS: Final = frozenset({"str", "int", "float", "round"})

_TALK: Final = frozenset({"print", "debug", "info", "warning", "error", "exception", "log"})
"""Names of functions whose arguments are only shown."""


def only_for_tasks(reading: Reading, event: Event) -> bool:
    """Say whether a value is given to a name that nothing which runs at import reads.

    Such a value defines no DAG: it is logged, left alone, or used while a task runs.
    """
    if event.source is not reading.source:
        return False
    name = _assigned(reading.source.tree, event.node)
    if name is None:
        return False
    return not any(reads == name for reads in _read_at_import(reading.source.tree, reading))


def _assigned(tree: ast.Module, node: ast.AST) -> str | None:
    """Return the name of the module that a statement gives the value of a node to."""
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and len(statement.targets) == 1:
            target = statement.targets[0]
            if isinstance(target, ast.Name) and _carries(statement.value, node):
                return target.id
    return None


def _carries(value: ast.expr, node: ast.AST) -> bool:
    """Say whether a value is that of a node, only written or counted in another way."""
    if value is node:
        return True
    if isinstance(value, ast.Call):
        plain = isinstance(value.func, ast.Name) and value.func.id in _CASTS
        inner = [value.func, *value.args] if plain else [value.func]
    elif isinstance(value, ast.Attribute | ast.Subscript | ast.FormattedValue):
        inner = [value.value]
    elif isinstance(value, ast.BinOp):
        inner = [value.left, value.right]
    else:
        inner = value.values if isinstance(value, ast.JoinedStr) else []
    return any(_carries(one, node) for one in inner)


def _read_at_import(tree: ast.AST, reading: Reading) -> Iterator[str]:
    """Yield the names that code reads which runs when the module is imported."""
    for child in ast.iter_child_nodes(tree):
        if isinstance(child, _FUNCTIONS) and child not in reading.unit.entered:
            yield from _read_outside(child, reading)
        elif isinstance(child, ast.Call) and _talks(child):
            continue
        elif isinstance(child, ast.Name):
            if isinstance(child.ctx, ast.Load):
                yield child.id
        else:
            yield from _read_at_import(child, reading)


def _read_outside(
    function: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda, reading: Reading
) -> Iterator[str]:
    """Yield the names that decorators and default arguments of a function read."""
    outside: list[ast.expr | None] = [*function.args.defaults, *function.args.kw_defaults]
    if not isinstance(function, ast.Lambda):
        outside += function.decorator_list
    for expression in outside:
        if expression is not None:
            yield from _read_at_import(ast.Expr(expression), reading)


def _talks(call: ast.Call) -> bool:
    function = call.func
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    return name in _TALK
