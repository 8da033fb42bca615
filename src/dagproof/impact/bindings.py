"""Names of a file that are bound once, by an assignment: what they stand for can be known."""

import ast
from collections.abc import Iterator, Mapping
from typing import TypeAlias

_Bound: TypeAlias = tuple[str, ast.expr | None]
"""A name, and its value where that is one expression."""


def constants(tree: ast.Module) -> Mapping[str, ast.expr]:
    """Return what is assigned to names, in any scope, that nothing else in the file binds."""
    found: dict[str, ast.expr | None] = {}
    for statement in _statements(tree.body):
        for name, value in _bound(statement):
            found[name] = None if name in found else value
    return {name: value for name, value in found.items() if value is not None}


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    waiting = list(body)
    while waiting:
        statement = waiting.pop()
        yield statement
        for field in ("body", "orelse", "finalbody"):
            waiting.extend(getattr(statement, field, ()))
        for part in (*getattr(statement, "handlers", ()), *getattr(statement, "cases", ())):
            waiting.extend(part.body)


def _bound(statement: ast.stmt) -> Iterator[_Bound]:
    if isinstance(statement, ast.Assign):
        value = statement.value if len(statement.targets) == 1 else None
        for target in statement.targets:
            yield from _named(target, value)
    elif isinstance(statement, ast.AnnAssign):
        yield from _named(statement.target, statement.value)
    elif isinstance(statement, ast.AugAssign | ast.For | ast.AsyncFor):
        yield from _named(statement.target, None)
    elif isinstance(statement, ast.With | ast.AsyncWith):
        for item in statement.items:
            if item.optional_vars is not None:
                yield from _named(item.optional_vars, None)
    elif isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        given = statement.args
        for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs):
            yield argument.arg, None


def _named(target: ast.expr, value: ast.expr | None) -> Iterator[_Bound]:
    """Yield the names that a target binds; several at once are not told apart."""
    if isinstance(target, ast.Name):
        yield target.id, value
        return
    for node in ast.walk(target):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id, None
